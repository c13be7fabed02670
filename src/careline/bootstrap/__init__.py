"""The one place that reads data files and joins adapters to ports.

`data` reads protocols, lexicons, words and practices; `installation` readies the database; `web`, `work`, `voice` and
`actions_child` are what the processes of an installation run. `voice` imports no Django.
"""
