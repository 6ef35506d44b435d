"""A client of the YAML language server, as an editor is one: texts in, completions, hovers and marks out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.acceptance.cli_kit import ROOT

#: Where `make editor` puts the server.
HOME = ROOT / ".venv" / "editor"
SERVER = HOME / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


def missing() -> str:
    """Why the server cannot be asked; empty when it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if SERVER.exists() else "`make editor` installs the language server"


class Editor:
    """A session with the server, in which every file is a scenario.

    Args:
        schema: the file with the schema.
    """

    def __init__(self, schema: Path) -> None:
        self._schema = schema.as_uri()
        command = ["node", str(SERVER), "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._number = 0
        self._heard: deque[dict[str, Any]] = deque()

    def __enter__(self) -> Editor:
        capabilities = {
            "textDocument": {
                "completion": {
                    "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]},
                    "contextSupport": True,
                },
                "hover": {"contentFormat": ["markdown"]},
                "publishDiagnostics": {},
            },
            "workspace": {"configuration": True},
        }
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self._tell("initialized", {})
        while not self.marks("steps: 1\n")[0]:  # until it has read the schema
            pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def completions(self, text: str) -> dict[str, str]:
        """What is proposed at the ``|`` of a text: label → what is inserted."""
        opened = self._open(text)
        found = self._ask("textDocument/completion", opened)
        items = found.get("items", []) if isinstance(found, dict) else found or []
        return {one["label"]: one.get("textEdit", {}).get("newText", one.get("insertText", "")) for one in items}

    def hover(self, text: str) -> str:
        """What is told of what stands at the ``|`` of a text."""
        found = self._ask("textDocument/hover", self._open(text))
        contents = (found or {}).get("contents", "")
        return contents if isinstance(contents, str) else str(contents.get("value", ""))

    def marks(self, *texts: str) -> list[list[tuple[int, str]]]:
        """The line, from 1, and the words of everything that is marked, of each text.

        Args:
            texts: as one opens many files: the server waits a fifth of a second before it looks at any of them.
        """
        uris = [self._open(text, cursor=False)["textDocument"]["uri"] for text in texts]
        found: dict[str, list[tuple[int, str]]] = {}
        while not found.keys() >= set(uris):
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                marks = message["params"]["diagnostics"]
                found[message["params"]["uri"]] = [(one["range"]["start"]["line"] + 1, one["message"]) for one in marks]
        return [found[uri] for uri in uris]

    def _open(self, text: str, *, cursor: bool = True) -> dict[str, Any]:
        before, bar, after = text.partition("|") if cursor else (text, "", "")
        assert bar or not cursor, "a | says where the cursor is"
        self._number += 1
        uri = f"file:///scenarios/{self._number}.yaml"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": before + after}
        self._tell("textDocument/didOpen", {"textDocument": document})
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return {"textDocument": {"uri": uri}, "position": position}

    def _ask(self, method: str, params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def _tell(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _next(self) -> dict[str, Any]:
        return self._heard.popleft() if self._heard else self._read()

    def _read(self) -> dict[str, Any]:
        """The next message; requests of the server are answered on the way."""
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            assert line or length, "the server has ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        if "method" in message and "id" in message:
            settings = {
                "yaml": {"schemas": {self._schema: "*.yaml"}, "validate": True, "hover": True, "completion": True},
            }
            result: Any = None
            if message["method"] == "workspace/configuration":
                asked = [one.get("section") for one in message["params"]["items"]]
                result = [settings.get(section, {}) for section in asked]
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self._heard.append(message)
        return message

    def _send(self, message: dict[str, Any]) -> None:
        stream = self._process.stdin
        assert stream is not None
        body = json.dumps(message).encode()
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()
