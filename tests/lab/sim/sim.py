#!/usr/bin/env python3
"""IAM endpoint simulator for the service-last-accessed operations; README.md is beside it."""

import argparse
import calendar
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

sys.dont_write_bytecode = True  # whatever the environment says: other steps read and copy this folder
from iamsim import (account, ca, control, faults, httpd, logins, markers, proxy,  # noqa: E402
                    report, sessions, sigv4, sources, sts)
from iamsim.jobs import Jobs  # noqa: E402
from iamsim.service import Service  # noqa: E402

DEFAULT_KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def entity_sizes(text):
    """'25', 's3=10,iam=2500' or '100,s3=10': (default, {namespace: size})"""
    default, sizes = 25, {}
    for piece in text.split(","):
        name, equals, number = piece.strip().rpartition("=")
        if not number.isdigit():
            raise argparse.ArgumentTypeError(f"'{piece}' is not N or NAMESPACE=N")
        if equals:
            sizes[name] = int(number)
        else:
            default = int(number)
    return default, sizes


def report_date(text):
    """'now', 'example' or an ISO 8601 date in UTC, as unix milliseconds"""
    if text == "example":
        return report.EXAMPLE_DATE
    if text == "now":
        return int(time.time() * 1000)
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) * 1000
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not now, example or a date such as "
                                         "2018-10-24T19:47:31Z") from None


def arguments():
    p = argparse.ArgumentParser(
        prog="sim.py", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Simulates the AWS IAM endpoint for GenerateServiceLastAccessedDetails,\n"
                    "GetServiceLastAccessedDetails and GetServiceLastAccessedDetailsWithEntities,\n"
                    "and the lists of an account, on loopback: real signatures, real TLS, reports\n"
                    "of any size, faults on command.",
        epilog="Prints one JSON line when ready: url, port, ca, control, pid; with --sources\n"
               "sts, imds, container, iot, sso, oidc, signin, proxy.\n"
               "Scenarios, the request log and the control endpoint: README.md beside this file.")
    g = p.add_argument_group("server")
    g.add_argument("--port", type=int, default=0, help="default: any free port")
    g.add_argument("--ipv6", action="store_true", help="listen on ::1 as well")
    g.add_argument("--plain", action="store_true", help="HTTP without TLS")
    g.add_argument("--until-stdin-closes", action="store_true", help="end with the parent")
    g.add_argument("--requests-log", metavar="FILE", help="append a JSON line a request")
    g.add_argument("--idle-seconds", type=float, default=60.0, metavar="S",
                   help="close a silent connection after S seconds (60)")
    g.add_argument("--scenario", metavar="FILE", help="faults; see README.md")
    g.add_argument("--control", action="store_true", help="open the control endpoint")
    g.add_argument("--control-port", type=int, default=0, help=argparse.SUPPRESS)
    g = p.add_argument_group("TLS")
    g.add_argument("--state-dir", metavar="DIR",
                   help="keep certificates here (default: a temporary folder)")
    g.add_argument("--cert-kind", choices=ca.KINDS, default="ecdsa")
    g.add_argument("--bad-cert", choices=ca.BAD_CERTS, metavar="KIND",
                   help="present a bad certificate: " + ", ".join(ca.BAD_CERTS))
    g.add_argument("--tls-min", choices=("1.2", "1.3"), default="1.2")
    g.add_argument("--tls-max", choices=("1.2", "1.3"), default="1.3")
    g.add_argument("--no-tickets", action="store_true", help="no session resumption")
    g.add_argument("--no-alpn", action="store_true", help="ignore ALPN")
    g = p.add_argument_group("signatures")
    g.add_argument("--credentials", metavar="FILE",
                   help='JSON: {"ACCESS KEY": "SECRET" or {"secret": …, "token": …}}; default: '
                        f"{DEFAULT_KEY[0]} with the secret of AWS's examples")
    g.add_argument("--session-token", metavar="TOKEN", help="the only session token accepted")
    g.add_argument("--region", help="the only region accepted in a credential scope")
    g.add_argument("--clock-offset", type=float, default=0.0, metavar="S",
                   help="shift this endpoint's clock (and Date header) by S seconds")
    g.add_argument("--skew-code", default="SignatureDoesNotMatch", metavar="CODE",
                   help="error code for a wrong clock (SignatureDoesNotMatch)")
    g.add_argument("--no-verify", action="store_true", help="accept any signature, or none")
    g = p.add_argument_group("reports")
    g.add_argument("--entities", type=entity_sizes, default=(25, {}), metavar="N[,NS=N…]",
                   help="entities of a namespace (25)")
    g.add_argument("--services", type=int, default=10, metavar="N", help="services listed (10)")
    g.add_argument("--seed", type=int, default=1, metavar="S")
    g.add_argument("--paths", choices=("odd", "usual"), default="odd",
                   help="of entities: odd ones among them (very long, or with & < > and quotes), or as accounts have them")
    g.add_argument("--report-date", type=report_date, default="example", metavar="DATE",
                   help="newest possible access: example (2018-10-24), now, or ISO 8601")
    g.add_argument("--page-size", type=int, default=100, metavar="N",
                   help="where MaxItems is not given (100)")
    g.add_argument("--marker-style", choices=markers.STYLES, default="plain")
    g.add_argument("--layout", choices=("pretty", "minified", "crlf"), default="pretty")
    g.add_argument("--member-order", choices=("docs", "model", "shuffled"), default="docs")
    g.add_argument("--print-entities", metavar="NS",
                   help="print the list of a namespace as JSON lines and end")
    g = p.add_argument_group("account")
    g.add_argument("--account", nargs="?", const="", metavar="SIZES|FILE",
                   help="reports for the ARNs of an account only, and its lists; SIZES: "
                        "users=40,groups=5,roles=60,policies=30,services=20,used=10,entities=5 "
                        "or some of these; FILE: JSON; see README.md")
    g.add_argument("--print-account", action="store_true",
                   help="print what it has as JSON lines and end")
    g = p.add_argument_group("jobs")
    g.add_argument("--job-polls", type=int, default=0, metavar="N",
                   help="IN_PROGRESS for N looks at the job")
    g.add_argument("--job-seconds", type=float, default=0.0, metavar="T",
                   help="IN_PROGRESS for T seconds")
    g.add_argument("--job-fails", metavar="CODE", help="jobs end FAILED with this Error code")
    g.add_argument("--no-fixed-job", action="store_true",
                   help="no job examplef-1305-c245-eba4-71fe298bcda7")
    g.add_argument("--own-jobs-only", action="store_true",
                   help="a report is visible only to the access key that generated it")
    g = p.add_argument_group("sources of credentials")
    g.add_argument("--sources", action="store_true",
                   help="also play STS, IMDSv2, a container's endpoint, AWS IoT's credential "
                        "provider, IAM Identity Center (portal and OIDC), AWS's sign-in and a CONNECT proxy")
    g.add_argument("--session-seconds", type=float, metavar="S",
                   help="life of the credentials issued (default: as asked, 1 or 6 hours)")
    g.add_argument("--session-token-size", type=int, default=700, metavar="N",
                   help="characters of the session tokens issued (700)")
    g.add_argument("--imds-v1", action="store_true", help="answer without a token, too")
    g.add_argument("--proxy-login", metavar="USER:PASSWORD", help="what the proxy asks for")
    return p.parse_args()


def read_credentials(args):
    """(access key -> secret, access key -> the token it must carry)"""
    if not args.credentials:
        known = {DEFAULT_KEY[0]: DEFAULT_KEY[1]}
    else:
        with open(args.credentials, encoding="utf-8") as f:
            known = json.load(f)
    secrets, tokens = {}, {}
    for key, value in known.items():
        secrets[key] = value["secret"] if isinstance(value, dict) else value
        if isinstance(value, dict) and value.get("token"):
            tokens[key] = value["token"]
        if args.session_token:
            tokens[key] = args.session_token
    return secrets, tokens


def make_report(args):
    if args.account is not None:
        return account.parse(args.account, args.seed, args.report_date)
    default, sizes = args.entities
    return report.Report(default, args.seed, args.services, args.report_date, sizes, odd=args.paths == "odd")


def make_server(args, state_dir):
    """(server, identity or None)"""
    secrets, tokens = read_credentials(args)
    known = sessions.Sessions(args.seed, args.session_token_size)
    rules = sigv4.Rules(secrets, region=args.region, tokens=tokens, skew_code=args.skew_code,
                        sessions=known)
    jobs = Jobs(args.seed, args.job_polls, args.job_seconds, args.job_fails,
                not args.no_fixed_job and args.account is None, args.own_jobs_only)
    codec = markers.MarkerCodec(args.marker_style, args.seed)
    service = Service(make_report(args), jobs, codec, rules, args.layout, args.member_order,
                      args.page_size, args.clock_offset, not args.no_verify,
                      with_lists=args.account is not None)
    scenario = None
    if args.scenario:
        with open(args.scenario, encoding="utf-8") as f:
            scenario = faults.Scenario(json.load(f), os.path.dirname(args.scenario) or ".")
    contexts = identity = None
    if not args.plain or args.sources:
        identity = ca.Authority(state_dir).identity(args.cert_kind, args.bad_cert)
    if not args.plain:
        contexts = httpd.Contexts(*tls_arguments(args, state_dir))
    log = httpd.RequestLog(args.requests_log)
    return httpd.Server(service, contexts, scenario, log, args.idle_seconds), identity


def tls_arguments(args, state_dir):
    return (ca.Authority(state_dir), args.cert_kind, args.bad_cert, args.tls_min, args.tls_max,
            not args.no_tickets, not args.no_alpn)


def add_sources(args, server, state_dir, port):
    """Starts the servers beside IAM's; returns what the ready line says of them."""
    iam, authority = server.service, ca.Authority(state_dir)
    rules = sigv4.Rules(iam.rules.secrets, "sts", args.region, iam.rules.tokens, args.skew_code,
                        sessions=iam.rules.sessions)
    known, life = iam.rules.sessions, args.session_seconds
    certificate, key, root = authority.device(args.cert_kind)
    device_contexts = sources.DeviceContexts(*tls_arguments(args, state_dir), root=root)
    services = {
        "sts": (sts.Sts(iam, rules, life), server.contexts),
        "imds": (sources.Imds(iam, known, life, args.imds_v1), None),
        "container": (sources.Container(iam, known, life), None),
        "iot": (sources.Iot(iam, known, life), device_contexts),
    }
    services["iot"][0].names = ("localhost", ca.IOT_NAME)
    tokens = logins.Logins()
    for name, kind in (("sso", logins.Portal), ("oidc", logins.Oidc), ("signin", logins.Signin)):
        services[name] = (kind(iam, known, tokens, life if name == "sso" else None), server.contexts)
    line = {}
    for name, (service, contexts) in services.items():
        number = server.add(service, contexts, name).listen()
        scheme, host = ("https", "localhost") if contexts else ("http", "127.0.0.1")
        line[name] = {"url": f"{scheme}://{host}:{number}", "port": number}
    line["iot"].update({"cert": certificate, "key": key, "name": ca.IOT_NAME})
    for bad in ("other-ca", "expired"):
        pair = authority.device(args.cert_kind, bad=bad)
        line["iot"][bad] = {"cert": pair[0], "key": pair[1]}
    targets = {"iam.amazonaws.com:443": port, "sts.us-east-1.amazonaws.com:443":
               line["sts"]["port"], "sts.amazonaws.com:443": line["sts"]["port"],
               f"{ca.IOT_NAME}:443": line["iot"]["port"]}
    for name, host in (("sso", "portal.sso.us-east-1.amazonaws.com"), ("oidc", "oidc.us-east-1.amazonaws.com"),
                       ("signin", "us-east-1.signin.aws.amazon.com")):
        targets[f"{host}:443"] = line[name]["port"]
    for number in (port, *(line[name]["port"] for name in ("sts", "iot", "sso", "oidc", "signin"))):
        targets.update({f"{host}:{number}": number for host in ("localhost", "127.0.0.1")})
    forward = proxy.Proxy(server, targets, args.proxy_login)
    server.beside.append(forward)
    number = forward.listen()
    line["proxy"] = {"url": f"http://127.0.0.1:{number}", "port": number}
    return line


def serve(args, state_dir, stop):
    server, identity = make_server(args, state_dir)
    port = server.listen(args.port, args.ipv6)
    scheme, host = ("http", "127.0.0.1") if args.plain else ("https", "localhost")
    line = {"port": port, "url": f"{scheme}://{host}:{port}",
            "ca": identity.bundle if identity else None, "pid": os.getpid()}
    if args.sources:
        line.update(add_sources(args, server, state_dir, port))
    if args.control:
        line["control"] = control.start(server, os.getcwd(), args.control_port)
    print(json.dumps(line), flush=True)
    stop.wait()
    server.close()


def watch_stdin(stop):
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    stop.set()


def print_account(args):
    try:
        for line in make_report(args).describe():
            print(json.dumps(line))
    except BrokenPipeError:
        pass
    except (OSError, ValueError) as error:
        print(f"sim.py: {error}", file=sys.stderr)
        return 2
    return 0


def main():
    args = arguments()
    if args.print_account:
        args.account = args.account or ""
        return print_account(args)
    if args.print_entities:
        with contextlib.suppress(BrokenPipeError):
            for item in make_report(args).entities(args.print_entities):
                print(json.dumps(item))
        return 0
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if args.until_stdin_closes:
        threading.Thread(target=watch_stdin, args=(stop,), daemon=True).start()
    state_dir = args.state_dir or tempfile.mkdtemp(prefix="iamsim-")
    try:
        serve(args, state_dir, stop)
    except (ca.MissingTool, faults.ScenarioError, OSError, ValueError) as error:
        print(f"sim.py: {error}", file=sys.stderr)
        return 2
    finally:
        if not args.state_dir:
            shutil.rmtree(state_dir, ignore_errors=True)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # threads may still sit in a stall; nothing of theirs is worth waiting for
    os._exit(status)
