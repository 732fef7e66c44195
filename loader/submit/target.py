"""Where it is sent, and how fast: what is chosen before anything of the network is imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loader.submit.pace import Pace

if TYPE_CHECKING:
    from loader.submit.client import Address


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where it is sent, and how fast.

    Attributes:
        address: The tenant.
        host: How the journal names the host: `sandbox` for the embedded one, whose port changes from run to run.
        pace: Limits.
        rate: The limits as the user wrote them.
    """

    address: Address
    host: str
    pace: Pace
    rate: str
