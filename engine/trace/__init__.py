"""What auditors search and are told: kinds of acts, the index over them, reads of cases, checks."""
