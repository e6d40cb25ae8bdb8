"""What executes: pure core first, no Flask here."""
