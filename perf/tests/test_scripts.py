"""What the measuring scripts read and write, without measuring: python3 -m unittest discover perf/tests."""
import contextlib
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from unittest import mock

PERF = pathlib.Path(__file__).resolve().parent.parent
for folder in ("", "benchmarks", "stress", "load", "peers"):
    sys.path.insert(0, str(PERF / folder))
CONFORMANCE = sorted(str(script.relative_to(PERF)) for script in PERF.glob("conformance/*.py"))
import benchmarks  # noqa: E402
import load  # noqa: E402
import machine  # noqa: E402
import pages  # noqa: E402
import plots  # noqa: E402
import programs  # noqa: E402
import stress  # noqa: E402

HELD = """
.......... [OK] io.penstock.limit.SampleStress.Race

  Fork: #1

  RESULT  SAMPLES     FREQ      EXPECT  DESCRIPTION
    0, 1    1,500   60.00%  Acceptable  one of them
    1, 0      999   39.99%  Acceptable  the other
    1, 1        0    0.00%   Forbidden  both

.......... [OK] io.penstock.limit.SampleStress.Race

  RESULT  SAMPLES     FREQ      EXPECT  DESCRIPTION
    0, 1      500  100.00%  Acceptable  one of them

RUN RESULTS:
"""
FAILED = HELD.replace("[OK]", "[FAILED]", 1).replace("        0    0.00%   Forbidden", "        3   <0.01%   Forbidden")

JMH = {
    "benchmark": "io.penstock.limit.SampleBenchmark.take",
    "threads": 1,
    "forks": 3,
    "params": {"keys": "1"},
    "primaryMetric": {"score": 40.0, "scoreError": 2.0, "scoreUnit": "ns/op", "rawData": [[40.0]]},
    "secondaryMetrics": {"gc.alloc.rate.norm": {"score": 0.0}},
}


class MachineFacts(unittest.TestCase):
    def test_say_where_when_and_of_what(self):
        facts = machine.facts(java="25")

        self.assertEqual(facts["java"], "25")
        self.assertGreater(facts["cores"], 0)
        self.assertRegex(facts["time"], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual(list(facts)[-1], "commit")

    def test_read_the_arguments_that_the_product_has(self):
        arguments = machine.jvm_arguments("jvm.options")

        self.assertIn("--enable-native-access=ALL-UNNAMED", arguments)
        self.assertFalse([each for each in arguments if not each.startswith("-")])

    def test_count_the_time_of_a_process(self):
        self.assertGreater(sum(machine.cpu_s(os.getpid())), 0)
        self.assertGreater(machine.busy_s(), 0)


class StartedPrograms(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        named = mock.patch.object(sys, "argv", ["suite.py"])
        named.start()
        self.addCleanup(named.stop)

    def python(self, code):
        return [sys.executable, "-c", code]

    def test_tell_that_they_are_ready(self):
        with programs.Program(self.folder, "origin", self.python("print('ready 80', flush=True); input()"), stdin=subprocess.PIPE) as origin:
            self.assertEqual(origin.ready_line(), "ready 80\n")
            self.assertGreater(machine.resident_kib(origin.process.pid), 0)

        self.assertEqual(origin.process.returncode, -signal.SIGTERM)
        self.assertIsNone(machine.resident_kib(origin.process.pid))
        origin.process.stdin.close()

    def test_end_the_script_with_what_they_said_last(self):
        failing = programs.Program(self.folder, "origin", self.python("import sys; sys.exit('no such file')"))

        with self.assertRaisesRegex(SystemExit, r"(?s)^suite.py: origin did not get ready:.*no such file"):
            failing.ready_line()

    def test_are_ended_if_they_do_not_get_ready(self):
        slow = programs.Program(self.folder, "origin", self.python("import time; time.sleep(600)"))

        with self.assertRaises(SystemExit):
            slow.until(lambda: False, seconds=0)

        self.assertEqual(slow.process.returncode, -signal.SIGTERM)

    def test_a_gateway_says_where_it_listens(self):
        launcher = self.folder / "penstock"
        launcher.write_text(
            f"""#!{sys.executable}
import pathlib, sys, time
print("a line before")
print("ready in 5 ms: listeners api 127.0.0.1:4001, web 127.0.0.1:4002, admin http://127.0.0.1:4003, status http://127.0.0.1:4004, 1 worker on nio")
print(pathlib.Path(sys.argv[sys.argv.index("--apply") + 1]).read_text(), sys.argv[-2:], flush=True)
time.sleep(600)
"""
        )
        launcher.chmod(0o700)
        with mock.patch.object(machine, "LAUNCHER", launcher):
            with programs.Gateway(self.folder, {"listeners": []}, "--workers", "1") as gateway:
                self.assertEqual((gateway.ports["api"], gateway.ports["web"]), (4001, 4002))
                self.assertEqual((gateway.admin, gateway.status), ("http://127.0.0.1:4003", "http://127.0.0.1:4004"))
                gateway.until(lambda: "['--workers', '1']" in gateway.said())
                self.assertIn('"listeners": []', gateway.said())

    def test_get_a_port_each(self):
        ports = [programs.free_port() for _ in range(8)]

        self.assertEqual(len(set(ports)), 8)
        self.assertFalse(any(programs.is_open(port) for port in ports))

    def test_talk_to_an_origin(self):
        class Small(programs.Origin):
            def do_GET(self):
                self.answer(b"small")

        with programs.serving(Small) as port, urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            self.assertEqual(answer.read(), b"small")

    def test_what_is_missing_ends_the_script(self):
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit) as ended:
            programs.tell_missing(["no JDK 25"], is_all=False)

        self.assertEqual((said.getvalue(), ended.exception.code), ("missing: no JDK 25\n", 1))
        programs.tell_missing([], is_all=False)

    def test_what_is_not_installed_is_named_with_its_package(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(programs.absent({"python3-of-nobody": "python3"}), ["python3-of-nobody"])

        self.assertEqual(said.getvalue(), "missing: python3-of-nobody; Debian has them: apt-get install python3\n")

    def test_one_finding_that_does_not_hold_fails_the_script(self):
        findings = programs.Findings()
        with contextlib.redirect_stdout(io.StringIO()) as said, self.assertRaises(SystemExit) as ended:
            findings.check("this holds", True, "not told")
            findings.check("this does not", False, "since")
            findings.end()

        self.assertEqual(ended.exception.code, 1)
        self.assertEqual(said.getvalue(), "  ok    this holds\n  FAIL  this does not\nsince\n\n1 of the findings are not as they should be\n")


class StressResults(unittest.TestCase):
    def test_are_summed_over_the_jvms(self):
        ran, not_run = stress.verdicts(HELD, ["io.penstock.limit.SampleStress.Race"])

        self.assertEqual([(test["samples"], test["jvms"], test["held"]) for test in ran], [(2999, 2, True)])
        self.assertEqual(not_run, [])

    def test_fail_by_one_forbidden_outcome(self):
        ran, _ = stress.verdicts(FAILED, [])

        self.assertFalse(ran[0]["held"])
        self.assertIn('<b class="bad">Failed: io.penstock.limit.SampleStress.Race.</b>', stress_page(ran))

    def test_fail_where_the_jvm_broke(self):
        ran, _ = stress.verdicts(HELD.replace("[OK]", "[ERROR]", 1), [])

        self.assertFalse(ran[0]["held"])

    def test_name_what_did_not_run(self):
        _, not_run = stress.verdicts(HELD, ["io.penstock.limit.SampleStress.Race", "io.penstock.limit.SampleStress.Other"])

        self.assertEqual(not_run, ["io.penstock.limit.SampleStress.Other"])

    def test_no_test_has_more_than_two_actors(self):
        # A machine with two cores would leave it out.
        for file in (PERF / "stress/src/main/java").rglob("*Stress.java"):
            for test in file.read_text().split("@JCStressTest")[1:]:
                self.assertEqual(test.count("@Actor"), 2, file.name)


class BenchmarkResults(unittest.TestCase):
    def test_keep_what_counts(self):
        result = benchmarks.results_of([JMH])[0]

        self.assertEqual((result["class"], result["method"]), ("SampleBenchmark", "take"))
        self.assertEqual((result["score"], result["error"], result["bytes_per_op"]), (40.0, 2.0, 0.0))
        self.assertEqual(pages.verdict(result), "")

    def test_are_none_with_few_forks_or_a_large_error(self):
        self.assertEqual(pages.verdict(benchmarks.results_of([{**JMH, "forks": 1}])[0]), "1 fork")
        metric = {**JMH["primaryMetric"], "scoreError": "NaN"}
        self.assertEqual(pages.verdict(benchmarks.results_of([{**JMH, "primaryMetric": metric}])[0]), "error too large")

    def test_every_benchmark_is_found_in_the_sources(self):
        names = benchmarks.benchmarks(".")
        annotated = sum(
            len(re.findall(r"^\s+@Benchmark\b", file.read_text(), re.M)) for file in (PERF / "benchmarks/src/main/java").rglob("*.java")
        )

        self.assertEqual(len(names), annotated)


class Report(unittest.TestCase):
    def test_says_what_is_missing_and_shows_what_is_there(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            everything = {
                "machine": machine.facts(),
                "jvm_arguments": ["-Xmx1g"],
                "quick": False,
                "share": {"machine_busy": 0.5, "foreign": 0.01},
                "benchmarks": benchmarks.results_of([JMH]),
            }
            (folder / "results.json").write_text(json.dumps(everything))
            done = subprocess.run(
                [sys.executable, PERF / "report.py", "--benchmarks", folder, "--out", folder / "report.html"],
                capture_output=True,
                text=True,
            )

            self.assertEqual(done.returncode, 0, done.stderr)
            page = (folder / "report.html").read_text()
            for kind in ("Side by side", "Under load", "Single rooms", "Races"):
                self.assertIn(f"<h2>{kind}</h2>", page)
            self.assertIn("take keys 1", page)
            self.assertIn("-Xmx1g", page)
            # It loads nothing; an address may stand in what a peer says of its version.
            self.assertNotRegex(page, r"<script|<link|src=|url\(|@import")

    def test_escapes_what_it_shows(self):
        self.assertIn("&lt;b&gt;", plots.table(("<b>",), [("<i>",)]))
        self.assertIn("&lt;i&gt;", plots.bars([plots.Bar("<i>", 1, "1")]))


class LoadGates(unittest.TestCase):
    GATE = "proxied: percentage of failed events is less than or equal to 0.0"

    def read(self, said, facts='{"values": {}, "gates": []}', report="", code=0):
        """What load.py makes of a suite that said this and wrote these."""
        with tempfile.TemporaryDirectory() as name:
            out = pathlib.Path(name)
            (out / "gatling.out").write_text(said)
            if facts:
                (out / "facts.json").write_text(facts)
            if report is not None:
                (out / "gatling/run").mkdir(parents=True)
                (out / "gatling/run/index.html").write_text(report)
            run = {"suite": "Baseline", "exit": code}
            load.read_results(run, out, out / "facts.json")
            return run

    def test_hold_if_gatling_and_the_suite_say_so(self):
        run = self.read(f"{self.GATE} : true (actual : 0.0)\n", '{"values": {}, "gates": [{"gate": "refused", "held": true}]}')

        self.assertTrue(run["held"])
        self.assertEqual([gate["gate"] for gate in run["gates"]], [self.GATE, "refused", "the suite ran to its end"])

    def test_fail_if_gatling_says_so(self):
        run = self.read(f"{self.GATE} : false (actual : 0.3)\n", code=2)

        self.assertFalse(run["held"])
        self.assertEqual(run["gates"][0], {"gate": self.GATE, "held": False, "found": "0.3"})

    def test_fail_if_the_suite_says_so(self):
        self.assertFalse(self.read("", '{"values": {}, "gates": [{"gate": "refused", "held": false}]}')["held"])

    def test_fail_if_the_suite_told_nothing_or_did_not_end(self):
        held = f"{self.GATE} : true (actual : 0.0)\n"

        self.assertFalse(self.read(held, facts=None)["held"])
        self.assertFalse(self.read(held, report=None)["held"])
        self.assertFalse(self.read(held, code=1)["held"])
        self.assertFalse(self.read(held, code="ended after 600 s")["held"])

    def test_fail_in_a_broken_run_or_the_test_of_the_gates_does(self):
        broken = f"{self.GATE} : false (actual : 33.3)\n"
        blind = broken + "proxied: 99th percentile of response time is less than or equal to 300.0 : true (actual : 9.0)\n"

        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertTrue(load.cannot_hold(self.read(broken, code=2)))
            self.assertFalse(load.cannot_hold(self.read(blind, code=2)))
            self.assertFalse(load.cannot_hold(self.read(broken, facts=None, code=2)))
            self.assertFalse(load.cannot_hold(self.read("")))
        self.assertIn("this gate fails: proxied: 99th percentile", said.getvalue())


class Commands(unittest.TestCase):
    def test_tell_how_they_are_used(self):
        for script in ("report.py", "peers/peers.py", "load/load.py", "benchmarks/benchmarks.py", "stress/stress.py", *CONFORMANCE):
            done = subprocess.run([sys.executable, PERF / script, "--help"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(script, done.stdout)

    def test_of_conformance_tell_what_is_missing(self):
        for script in CONFORMANCE:
            done = subprocess.run([sys.executable, PERF / script, "--list"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1 if done.stderr else 0, done.stderr)
            self.assertRegex(done.stderr, r"^(missing: .*\n)*$")


def stress_page(tests):
    everything = {"machine": machine.facts(), "jvm_arguments": [], "tests": tests, "not_run": [], "quick": True}
    return pages.stress(everything)


if __name__ == "__main__":
    unittest.main()
