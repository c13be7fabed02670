"""Letters to people, one folder per provider. Each folder names a `ports.Provider` as `PROVIDER`; nothing lists them."""
