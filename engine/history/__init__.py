"""The event log: its chain, its words, its replay."""
