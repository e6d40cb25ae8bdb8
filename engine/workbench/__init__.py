"""What designers work with beside the pages: checks, rehearsal, comparison. Pure but for what rehearsal runs."""
