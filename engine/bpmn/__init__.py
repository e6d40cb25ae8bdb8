"""Reads BPMN files that strangers may have written."""

from engine.bpmn.reader import read_process
from engine.bpmn.xml import event_scopes, parse_xml

__all__ = ["event_scopes", "parse_xml", "read_process"]
