"""
A local LoanPro tenant: the requests, the refusals and, on demand, the failures of the real one.

It knows LoanPro from the reference alone and shares no rule with the client, so that the two cannot be wrong
together. The rest of the program never imports it; it is reached over HTTP like the real service.
"""
