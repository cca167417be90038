"""The JSON Schema of an assessment, published as pathways/assessment.schema.json."""

from __future__ import annotations

import json
from pathlib import Path

from pathways.assessment import SCHEMA_VERSION, Assessment

FILE = Path(__file__).with_name("assessment.schema.json")


def schema_text() -> str:
    """Return the schema as it is published."""
    schema = Assessment.model_json_schema()
    properties = schema["properties"]
    schema["properties"] = {"schema": properties.pop("schema_"), **properties}
    schema["required"] = ["schema" if name == "schema_" else name for name in schema["required"]]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"Spinepath assessment, version {SCHEMA_VERSION}"
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
