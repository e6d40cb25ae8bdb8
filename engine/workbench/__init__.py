"""What designers work with: checks, rehearsal, limit preview, comparison. No Flask, no commands of its own."""
