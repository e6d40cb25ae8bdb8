"""Where rows are: tables, the database, the writer."""
