"""
Rehearses a submission: a tenant that fails on purpose, a sending process that is killed again and again, and a count at the end.

The witness is the tenant: what it holds is compared, entity by entity, with the file and with what the journal says of every row.
Nothing here helps the sending process, which is the ordinary command in a process of its own.
"""
