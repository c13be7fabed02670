"""What Careline decides. Pure: values in, values out; no clock, no I/O, no framework.

The modules at this level hold the value types that the domains below share. The domains (`triage`, `language`,
`routing`, `oncall`) never import each other; `dialogue` alone may ask `triage` and `language`.
"""
