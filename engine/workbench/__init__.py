"""The designer's workbench: what is done with a model before it is published. No Flask, no writes."""
