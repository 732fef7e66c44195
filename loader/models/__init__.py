"""LoanPro's payloads and the values that travel between the stages. No input or output happens here."""
