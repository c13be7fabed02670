"""What each page shows, as small values: read inside one transaction, shown outside it. Templates see nothing else."""
