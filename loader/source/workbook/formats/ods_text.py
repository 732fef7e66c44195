"""The text of an OpenDocument cell, of which calamine leaves tabs and line breaks out (OpenDocument 1.3 part 3, 6.1)."""

from dataclasses import dataclass, field

TEXT_MARKS = (b"<text:tab", b"<text:line-break")
"""What calamine leaves out."""
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}


@dataclass(slots=True)
class CellText:
    """
    Puts the paragraphs of one cell together; what is written in its notes is no part of it.

    Attributes:
        differs: Whether calamine gives another text.
    """

    differs: bool = False
    _parts: list[str] = field(default_factory=list)
    _paragraphs: int = 0
    _inside: bool = False
    _notes: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "office:annotation":
            self._notes += 1
        elif self._notes:
            return
        elif name == "text:p":
            if self._paragraphs:
                self._parts.append("\n")
            self._paragraphs += 1
            self._inside = True
        elif name == "text:s":
            self._parts.append(" " * int(attributes.get("text:c", 1)))
        elif name in _SIGNS:
            self._parts.append(_SIGNS[name])
            self.differs = True

    def text(self, text: str) -> None:
        """Characters of the element that is open."""
        if self._inside and not self._notes:
            self._parts.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "office:annotation":
            self._notes -= 1
        elif name == "text:p" and not self._notes:
            self._inside = False

    @property
    def whole(self) -> str:
        """The text so far."""
        return "".join(self._parts)
