"""Where recordings and wrapped keys rest: one module per kind of store."""
