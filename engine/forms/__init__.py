"""Forms: form-js shaped definitions, one validator for page, API and import."""

from engine.forms.describe import describe, shown
from engine.forms.model import Component, Form, FormFault, Rule, load_form
from engine.forms.validate import validate

__all__ = ["Component", "Form", "FormFault", "Rule", "describe", "load_form", "shown", "validate"]
