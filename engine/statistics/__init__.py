"""Statistics over finished cases: what each figure means, and the facts that are kept beside the truth to answer it."""
