"""What people do with tasks and cases beside handing in; a module per family."""
