"""Reasons that the source code gives, with example values in place of the computed ones."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

# Calls, and the place of the reason among their arguments.
_CALLS = {"UnreadableSeed": 0, "InvalidBlock": 0, "_Refused": 1, "SeedProblem": 1, "Record": 3, "Verdict": 2}
_CALLS |= {"ExtraMissing": 0, "ExtraBroken": 0, "append": 0, "_Bounded": 2}
_VARIABLES = {"reason", "refusal", "note", "notes", "lost", "why", "detail"}
_FUNCTIONS = {"_reason", "_refusal", "_not_read", "suspicion", "_message", "decode", "_guessed", "_repaired"}
_EXAMPLE, _NUMBER = "empty", "1,000"  # the first is a reason itself, since a value may be one

Constants = Mapping[str, ast.expr]


def reasons_in(path: Path) -> Iterator[str]:
    """Yield the reasons in a module: in calls, variables and functions of the names above, where they are literal."""
    module = ast.parse(path.read_text("utf-8"))
    assigned = [node for node in module.body if isinstance(node, ast.Assign)]
    constants = {name.id: node.value for node in assigned for name in node.targets if isinstance(name, ast.Name)}
    for expression in _expressions(module):
        yield from _texts(expression, constants)


def _expressions(module: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in _CALLS:
                yield from args[_CALLS[name] : _CALLS[name] + 1]
            case ast.Assign(targets=[ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name))], value=value):
                yield from (value,) if name in _VARIABLES else ()
            case ast.FunctionDef(name=name) if name in _FUNCTIONS:
                yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)


def _texts(expression: ast.expr, constants: Constants) -> Iterator[str]:
    match expression:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(_piece(value, constants) for value in values)
        case ast.Name(id=name) if name in constants:
            yield from _texts(constants[name], constants)
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first, constants)
            yield from _texts(second, constants)
        case (
            ast.Tuple(elts=[*_, last]) | ast.BoolOp(values=[*_, last]) | ast.Call(func=ast.Name(id="str"), args=[last])
        ):
            yield from _texts(last, constants)


def _piece(value: ast.expr, constants: Constants) -> str:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=ast.Name(id=name)) if name in constants:
            return next(_texts(constants[name], constants), _NUMBER)
        case ast.FormattedValue(format_spec=None):
            return _EXAMPLE
    return _NUMBER
