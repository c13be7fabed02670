"""What people do to a rota. The decisions are `core.oncall`'s; here rows are read, locked, written and journalled."""
