"""The process designer's workbench: what is done with a draft before it is law for anybody."""
