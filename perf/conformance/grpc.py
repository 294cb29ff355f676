#!/usr/bin/env python3
"""gRPC's own interop client and server with Penstock between them, in one command.

    perf/conformance/grpc.py                 # all cases: direct, then through the gateway, about two minutes
    perf/conformance/grpc.py ping_pong       # some
    perf/conformance/grpc.py --quick         # for CI: through the gateway only
    perf/conformance/grpc.py --list          # the cases, and what is missing

It starts the server and a built Penstock ("mvn -DskipTests package") on 127.0.0.1, both in clear text, runs the client once for each
case, and ends all. Client and server are io.grpc:grpc-interop-testing, which "mvn -f perf/conformance package" fetches.
Needs Linux and Python 3.9.

Results: a line for each case, DIR/results.json, and an exit status that is not 0 unless all cases pass through the gateway.
"""
import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import machine  # noqa: E402
import programs  # noqa: E402

LIB = HERE / "target/grpc"
PACKAGE = "io.grpc.testing.integration."
CASE_S = 60

# Those of grpc's doc/interop-test-descriptions.md that this client has, need no account at a cloud, and pass against this server without
# a gateway: the two with compressed requests do not.
CASES = [
    "empty_unary",
    "large_unary",
    "server_compressed_unary",
    "client_streaming",
    "server_streaming",
    "server_compressed_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "very_large_request",
    "pick_first_unary",
]


def missing():
    is_there = any(LIB.glob("grpc-interop-testing-*.jar"))
    lacks = [] if is_there else ["grpc-interop-testing: mvn -f perf/conformance package"]
    return lacks + programs.missing_java() + programs.missing_product()


def java(main, *arguments):
    flags = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:TieredStopAtLevel=1"]
    return [machine.java(), *flags, "-cp", f"{LIB}/*", PACKAGE + main, *arguments]


def document(server):
    return {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "grpc", "address": "127.0.0.1:0", "http2": True}],
        "upstreams": [{"name": "grpc", "protocol": "http2", "targets": [{"address": f"127.0.0.1:{server}"}]}],
        "services": [{"name": "grpc", "upstream": "grpc"}],
        "routes": [{"name": "grpc", "service": "grpc", "matches": [{"path": {"type": "prefix", "value": "/"}}]}],
    }


def passes(case, port):
    """Whether the client is content, and else the end of what it says."""
    command = java("TestServiceClient", f"--server_port={port}", "--server_host=127.0.0.1", "--use_tls=false", f"--test_case={case}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CASE_S)
    except subprocess.TimeoutExpired:
        return False, f"not done after {CASE_S} s"
    return done.returncode == 0, (done.stdout + done.stderr)[-1500:]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("case", nargs="*", help="as the client names them (default: all)")
    arguments.add_argument("--quick", action="store_true", help="the short form for CI")
    arguments.add_argument("--out", type=pathlib.Path, default=HERE / "target/grpc-results", metavar="DIR")
    arguments.add_argument("--list", action="store_true", help="tell the cases and what is missing, and stop")
    options = arguments.parse_args()
    unknown = [case for case in options.case if case not in CASES]
    if unknown:
        programs.stop(f"there is no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    if options.list:
        print("\n".join(CASES))
    programs.tell_missing(missing(), options.list)
    results = []
    server = programs.free_port()
    with programs.folder_of_run("grpc") as folder:
        with programs.Program(folder, "server", java("TestServiceServer", f"--port={server}", "--use_tls=false")) as started:
            started.until(lambda: programs.is_open(server))
            with programs.Gateway(folder, document(server), "--workers", "2") as gateway:
                for case in options.case or CASES:
                    # What fails without the gateway says nothing of it.
                    direct = options.quick or passes(case, server)[0]
                    is_good, said = passes(case, gateway.ports["grpc"])
                    results.append({"case": case, "direct": direct, "through": is_good})
                    print(f"{case:32}{'passed' if is_good else 'FAILED' if direct else 'fails without the gateway too'}", flush=True)
                    if not is_good and direct:
                        print(said, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps({"machine": machine.facts(), "results": results}, indent=1) + "\n")
    passed = sum(each["through"] for each in results)
    print(f"{passed} of {len(results)} passed through the gateway")
    sys.exit(0 if passed == len(results) else 1)


if __name__ == "__main__":
    main()
