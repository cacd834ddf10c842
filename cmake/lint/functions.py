"""lint.functions: no function has more than LIMIT lines, counted from the first line of its head to its last brace.

It follows braces, not the language: comments, strings and preprocessor lines are blanked, then every `{` outside a
function is taken for a scope (namespace, class, enum, extern "C"), an initializer, or a function body. A lambda inside a
function counts as lines of that function.
"""

import re
from collections import namedtuple

import tree

LIMIT = 70

NOISE = re.compile(
    r'R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"'  # raw string
    r"|//(?:\\\n|[^\n])*|/\*.*?\*/"  # comment
    r'|"(?:\\.|[^"\\\n])*"'  # string
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # character, and not a separator within a number
    re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
TOKEN = re.compile(r'[A-Za-z_]\w*|::|->|""|[^\s\w]')
SCOPES = {"namespace", "class", "struct", "union", "enum"}
AFTER_HEAD = {"const", "noexcept", "override", "final", "volatile", "mutable", "try", "&", ")"}

Token = namedtuple("Token", "text line")
Function = namedtuple("Function", "name first last")


def tokens_of(source):
    """The tokens of a source text that matter for braces, each with its line number."""
    def blank(found):
        kept = '""' if found[0].startswith(('"', 'R"')) else ""
        return kept + "\n" * found[0].count("\n")

    text = DIRECTIVE.sub(lambda found: "\n" * found[0].count("\n"), NOISE.sub(blank, source))
    result, line, at = [], 1, 0
    for found in TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        result.append(Token(found[0], line))
    return result


def closing(tokens, start, pair):
    """Index of the token that closes the one at `start`; raises ValueError when nothing does."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].text == pair[0]) - (tokens[index].text == pair[1])
        if depth == 0:
            return index
    raise ValueError(f"{tokens[start].text} of line {tokens[start].line} is never closed")


def outline(head):
    """The texts of a head with template parameters dropped and everything in parentheses folded into `()`."""
    texts, index = [], 0
    while index < len(head):
        text = head[index].text
        if text == "template" and index + 1 < len(head) and head[index + 1].text == "<":
            index = closing(head, index + 1, "<>")
        elif text == "(":
            index = closing(head, index, "()")
            texts.append("()")
        elif text == "operator":
            texts.append(text)
            index += 1  # what follows is part of the name, `==` and `()` included
            while index + 1 < len(head) and head[index + 1].text != "(":
                index += 1
        else:
            texts.append(text)
        index += 1
    return texts


def kind_of(head):
    """What the `{` after these tokens opens: 'scope', 'initializer' or 'body'."""
    opened = sum((token.text == "(") - (token.text == ")") for token in head)
    if opened > 0:
        return "initializer"  # within an argument list
    texts = outline(head)
    last = texts[-1] if texts else ""
    ends_head = last == "()" or last in AFTER_HEAD
    if SCOPES & set(texts) and not ends_head:
        return "scope"
    if not texts or (texts[0] == "extern" and last == '""'):
        return "scope"
    if "=" in texts:
        return "body" if ends_head and "[" in texts[texts.index("="):] else "initializer"
    if "()" not in texts and "operator" not in texts:
        return "scope" if SCOPES & set(texts) else "initializer"
    if ":" in texts:  # members being constructed: `: a_(1), b_{2} {`
        return "body" if ends_head or last == "{}" else "initializer"
    return "body"


def name_of(head):
    """What to call a function: the words before its parameters."""
    texts = [token.text for token in head]
    end = texts.index("(") if "(" in texts else len(texts)
    written = re.search(r"(?:(?:\w+ :: )*(?:~ )?\w+|operator .*)$", " ".join(texts[:end]))
    name = written[0].replace(" ", "") if written else ""
    if "TEST" in name:
        name += "".join(texts[end:closing(head, end, "()") + 1])
    return name or "(unnamed)"


def functions(source):
    """The functions of a source text; raises ValueError when its braces do not match."""
    tokens, result, head, index = tokens_of(source), [], [], 0
    while index < len(tokens):
        text = tokens[index].text
        if text == "{":
            kind = kind_of(head)
            end = closing(tokens, index, "{}") if kind != "scope" else index
            if kind == "body":
                result.append(Function(name_of(head), head[0].line, tokens[end].line))
            head = head + [Token("{}", tokens[end].line)] if kind == "initializer" else []
            index = end
        elif text in (";", "}"):
            head = []
        elif text == ":" and head and head[-1].text in ("public", "protected", "private"):
            head = []
        else:
            head.append(tokens[index])
        index += 1
    return result


def main():
    options = tree.parser(__doc__).parse_args()
    violations, count = [], 0
    for path in tree.code_files(options.root):
        try:
            found = functions(tree.read(options.root / path))
        except ValueError as problem:
            violations.append(f"{path}: braces cannot be followed: {problem}")
            continue
        count += len(found)
        for function in found:
            lines = function.last - function.first + 1
            if lines > LIMIT:
                violations.append(f"{path}:{function.first}: {function.name} has {lines} lines, {LIMIT} allowed")
    tree.finish(violations, f"{count} functions")


if __name__ == "__main__":
    main()
