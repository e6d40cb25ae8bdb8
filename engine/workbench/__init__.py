"""What designers work with: checks, rehearsal, comparison, and the words of a law."""
