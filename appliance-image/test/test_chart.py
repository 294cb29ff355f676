"""The Helm chart, as far as it can be checked without rendering it: kubernetes.py in this folder does that."""

import gzip
import io
import json
import re
import sys
import tarfile
import unittest
from pathlib import Path

try:
    import yaml
except ImportError:
    yaml = None

TOP = Path(__file__).resolve().parent.parent
CHART = TOP / "helm" / "penstock"
sys.path.insert(0, str(TOP / "pack"))
import chart  # noqa: E402

ROW = re.compile(r"^\| `([A-Za-z.]+)` \| (.*?) \| ", re.MULTILINE)


def leaves(values, path=""):
    """The paths of all values that are no group of values; an empty group is one itself."""
    for name, value in values.items():
        here = f"{path}.{name}".strip(".")
        if isinstance(value, dict) and value:
            yield from leaves(value, here)
        else:
            yield here


class Packing(unittest.TestCase):
    def test_the_same_files_give_the_same_bytes(self):
        self.assertEqual(chart.packed(CHART, "1.2.0"), chart.packed(CHART, "1.2.0"))

    def test_both_versions_are_the_products(self):
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(chart.packed(CHART, "1.2.0-rc.1+b7")))) as packed:
            first = packed.getmembers()[0]
            told = packed.extractfile(first).read().decode()

        self.assertEqual("penstock/Chart.yaml", first.name)
        self.assertIn('\nversion: 1.2.0-rc.1+b7\nappVersion: "1.2.0-rc.1+b7"\n', told)

    def test_nothing_but_plain_files_of_root_is_in_it(self):
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(chart.packed(CHART, "1.2.0")))) as packed:
            for each in packed.getmembers():
                self.assertTrue(each.isfile() and each.name.startswith("penstock/"), each.name)
                self.assertEqual((0, 0, 0o644), (each.uid, each.gid, each.mode), each.name)

    def test_refuses_a_version_that_helm_would_not_take(self):
        for version in ("1.2", "01.2.0", "1.2.0~1", "1.2.0-", "v1.2.0", "1.2.0-01"):
            with self.subTest(version), self.assertRaises(SystemExit):
                chart.packed(CHART, version)


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
class Values(unittest.TestCase):
    def setUp(self):
        self.values = yaml.safe_load((CHART / "values.yaml").read_text())
        self.rows = dict(ROW.findall((CHART / "README.md").read_text()))

    def test_each_value_has_a_row_in_the_readme(self):
        for path in leaves(self.values):
            self.assertTrue(any(path == row or path.startswith(row + ".") for row in self.rows), f"{path} has no row")

    def test_each_row_is_a_value_and_tells_its_default(self):
        for path, default in self.rows.items():
            value = self.values
            for step in path.split("."):
                self.assertIn(step, value, path)
                value = value[step]
            if default.startswith("`"):
                self.assertEqual(json.dumps(value), default.strip("`"), path)
            else:
                # Told in words, for it is no word itself.
                self.assertTrue(isinstance(value, (dict, list)) and value, path)

    def test_the_schema_names_the_values_and_no_others(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        self.same_names("", self.values, schema)

    def same_names(self, path, values, schema):
        if schema.get("additionalProperties") is not False:
            return
        known = set(schema["properties"]) - ({"global"} if not path else set())
        if path in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertLessEqual(set(values), known, path)
            return
        self.assertEqual(set(values), known, path or "the top")
        for name, value in values.items():
            self.same_names(f"{path}.{name}".strip("."), value, schema["properties"][name])

    def test_each_value_is_used_by_a_template(self):
        text = "".join(path.read_text() for path in sorted((CHART / "templates").iterdir()))
        used = set(re.findall(r"\.Values((?:\.[A-Za-z]+)+)", text))
        for path in leaves(self.values):
            self.assertTrue(any(("." + path).startswith(name) for name in used), f"{path} is accepted and ignored")


if __name__ == "__main__":
    unittest.main()
