#!/usr/bin/python3
"""What ESP-IDF, Zephyr and PlatformIO read of this repository, without any of them: manifests key by key and path by
path, what ships by them (platform/pack), CMakeLists.txt as recorded by tests/static/record/*.cmake, Kconfig over stub
roots. That it builds there, tests/sdk shows."""

import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import tempfile

import repo

LOADER = importlib.machinery.SourceFileLoader("pack", os.path.join(repo.ROOT, "platform", "pack"))
pack = importlib.util.module_from_spec(importlib.util.spec_from_loader("pack", LOADER))
LOADER.exec_module(pack)

IDF_KEYS = {"version", "description", "url", "license", "tags", "targets", "dependencies", "files", "examples",
            "repository", "documentation", "issues", "maintainers"}
PLATFORMIO_KEYS = {"name", "version", "description", "keywords", "homepage", "repository", "license", "platforms", "frameworks",
                   "headers", "build", "export", "authors", "dependencies", "examples"}
WEST_KEYS = {"remotes", "defaults", "projects", "self"}
# What a package holds beside its sources and their headers.
IDF_PAPERS = {"idf_component.yml", "CMakeLists.txt", "Kconfig", "LICENSE", "CHANGELOG.md", "README.md", "core/CREDENTIALS.md",
              "core/sources.cmake", "port/sources.cmake", "platform/esp_idf/CMakeLists.txt", "platform/esp_idf/README.md"}
PLATFORMIO_PAPERS = {"library.json", "LICENSE", "CHANGELOG.md", "README.md", "core/CREDENTIALS.md"}
IDF_TARGETS = {"linux", "esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32c61",
               "esp32h2", "esp32p4"}
IDF_COMPONENTS = {"mbedtls", "lwip", "esp_netif", "nvs_flash", "esp_event", "esp_hw_support"}
SAMPLE_KEYS = {"tags", "harness", "build_only", "extra_overlay_confs", "extra_configs", "platform_allow",
               "integration_platforms", "min_ram", "min_flash", "timeout", "filter"}
EXAMPLE = "platform/esp_idf/examples/last_accessed"

IDF_ROOT = """mainmenu "ESP-IDF"
menu "Component config"
source "{root}/Kconfig"
endmenu
source "{root}/%s/main/Kconfig.projbuild"
""" % EXAMPLE
# What Zephyr's own Kconfig has of the options that the module looks at.
ZEPHYR_ROOT = """mainmenu "Zephyr"
{others}
menu "Modules"
source "{root}/platform/zephyr/Kconfig"
endmenu
"""
ZEPHYR_OPTIONS = ("NETWORKING", "NET_SOCKETS", "NET_SOCKETS_SOCKOPT_TLS", "MBEDTLS", "TF_PSA_CRYPTO", "SNTP", "SETTINGS")


def exists(root, path):
    return os.path.exists(os.path.join(root, path))


def keys(where, given, allowed):
    return [f"{where}: unknown key {key}" for key in sorted(set(given) - set(allowed))]


def yaml_of(root, path):
    import yaml
    return yaml.safe_load(repo.read(root, path))


# ---- manifests

def idf_manifest(root):
    path = "idf_component.yml"
    m = yaml_of(root, path)
    out = keys(path, m, IDF_KEYS) + keys(f"{path}: files", m.get("files", {}), {"exclude", "include"})
    out += [f"{path}: no {key}" for key in ("version", "description", "license", "dependencies") if not m.get(key)]
    version = re.search(r'define IAM_VERSION "(.*)"', repo.read(root, "port/include/tinyiam/tinyiam.h"))
    if not version or m.get("version") != version[1]:
        out.append(f"{path}: version is {m.get('version')}, tinyiam.h says otherwise")
    if str(m.get("license")) not in repo.read(root, "LICENSE"):
        out.append(f"{path}: LICENSE is not {m.get('license')}")
    out += [f"{path}: unknown target {t}" for t in m.get("targets", []) if t not in IDF_TARGETS]
    if not re.fullmatch(r">=\d+\.\d+", str(m.get("dependencies", {}).get("idf"))):
        out.append(f"{path}: dependencies.idf is no lower bound")
    for example in m.get("examples", []):
        out += keys(f"{path}: examples", example, {"path"})
        for part in ("CMakeLists.txt", "main/CMakeLists.txt", "main/idf_component.yml", "README.md"):
            if not exists(root, os.path.join(example["path"], part)):
                out.append(f"{path}: the example {example['path']} has no {part}")
    there = pack.every(root)
    for pattern in m.get("files", {}).get("include", []):
        if not pack.matches(pattern, there):
            out.append(f"{path}: includes {pattern}, which no file is")
    for address in ("url", "documentation", "issues"):
        if address in m and not pack.ADDRESS.fullmatch(str(m[address])):
            out.append(f"{path}: {address} is no address")
    return out


def example_manifests(root):
    """Every example is declared, and takes the component from around it while it lies here."""
    out = []
    declared = [e["path"] for e in yaml_of(root, "idf_component.yml").get("examples", [])]
    there = sorted(os.path.dirname(os.path.dirname(p)) for p in repo.files(root, os.path.dirname(EXAMPLE), ends=("idf_component.yml",)))
    out += [f"idf_component.yml: the example {e} is not declared" for e in there if e not in declared]
    for example in there:
        path = f"{example}/main/idf_component.yml"
        m = yaml_of(root, path)
        out += keys(path, m, {"dependencies", "description"})
        own = [d for d in m["dependencies"].values() if isinstance(d, dict) and "override_path" in d]
        for d in m["dependencies"].values():
            out += keys(path, d, {"version", "override_path", "path", "rules"}) if isinstance(d, dict) else []
        places = [os.path.normpath(os.path.join(os.path.dirname(path), d["override_path"])) for d in own]
        if places != ["."]:
            out.append(f"{path}: override_path leads to {places}, not to the root of the repository")
    return out


def zephyr_manifest(root):
    path = "zephyr/module.yml"
    m = yaml_of(root, path)
    build = m.get("build", {})
    out = keys(path, m, {"name", "build", "samples", "tests"}) + keys(f"{path}: build", build, {"cmake", "kconfig"})
    if m.get("name") != "tinyiam":
        out.append(f"{path}: name is {m.get('name')}")
    if not exists(root, os.path.join(str(build.get("cmake")), "CMakeLists.txt")):
        out.append(f"{path}: build.cmake: {build.get('cmake')} has no CMakeLists.txt")
    if not exists(root, str(build.get("kconfig"))):
        out.append(f"{path}: build.kconfig: {build.get('kconfig')} does not exist")
    for kind, name in (("samples", "sample.yaml"), ("tests", "testcase.yaml")):
        for folder in m.get(kind, []):
            found = [p for p in repo.files(root, folder, ends=(".yaml",)) if os.path.basename(p) == name]
            if not found:
                out.append(f"{path}: {kind}: no {name} in {folder}")
            for described in found:
                out += description(root, described)
    return out


def description(root, path):
    """sample.yaml, testcase.yaml."""
    m = yaml_of(root, path)
    folder = os.path.dirname(path)
    out = keys(path, m, {"sample", "common", "tests"})
    for where, part in [("common", m.get("common", {})), *m.get("tests", {}).items()]:
        out += keys(f"{path}: {where}", part, SAMPLE_KEYS)
        files = part.get("extra_overlay_confs", []) + re.findall(r'_FILE="(.+?)"', " ".join(part.get("extra_configs", [])))
        out += [f"{path}: {where}: {name} does not exist" for name in files if not exists(root, os.path.join(folder, name))]
        gone = [name for name in part.get("platform_allow", []) if re.search("native_posix|mps2_", name)]
        out += [f"{path}: {where}: {name} is no board of Zephyr 4" for name in gone]
    if not m.get("tests"):
        out.append(f"{path}: no tests")
    for part in ("CMakeLists.txt", "prj.conf"):
        if not exists(root, os.path.join(folder, part)):
            out.append(f"{path}: no {part} beside it")
    return out


def west_manifest(root):
    """A workspace to start from: the repository is the manifest's own."""
    path = "platform/zephyr/west.yml"
    m = yaml_of(root, path)["manifest"]
    out = keys(path, m, WEST_KEYS) + [f"{path}: no {key}" for key in ("projects", "self") if not m.get(key)]
    remotes = {remote["name"] for remote in m.get("remotes", [])}
    for project in m.get("projects", []):
        out += keys(f"{path}: {project.get('name')}", project, {"name", "remote", "url", "revision", "path", "import"})
        if project.get("remote", m.get("defaults", {}).get("remote")) not in remotes and "url" not in project:
            out.append(f"{path}: {project.get('name')} comes from nowhere")
        if not re.fullmatch(r"v\d+\.\d+\.\d+|[0-9a-f]{40}", str(project.get("revision"))):
            out.append(f"{path}: {project.get('name')}: revision {project.get('revision')} is not one state")
    return out


def platformio_manifest(root):
    path = "library.json"
    m = json.loads(repo.read(root, path))
    out = keys(path, m, PLATFORMIO_KEYS) + keys(f"{path}: export", m["export"], {"include", "exclude"})
    out += keys(f"{path}: build", m["build"], {"srcDir", "includeDir", "srcFilter", "flags"})
    idf = yaml_of(root, "idf_component.yml")
    for key in ("version", "description", "license"):
        out += [f"{path}: {key} is not that of idf_component.yml"] if m.get(key) != idf.get(key) else []
    built = {p for p in pack.filtered(root, m["build"]["srcFilter"]) if p.endswith(".c")}
    wanted = core_sources(root) | optional_sources(root, "CREDS_SSO") | {"core/base/sha256_mbedtls.c"} | ported(root)
    out += [f"{path}: srcFilter builds {p}, which is for others" for p in sorted(built - wanted)]
    return out + [f"{path}: srcFilter leaves out {p}" for p in sorted(wanted - built)]


# ---- what ships

def included(root, sources):
    """The sources and all of the repository that they include."""
    found, waiting = set(), list(sources)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in re.findall(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', repo.read(root, path), re.M):
            for folder in (os.path.dirname(path), "core/include", "port/include", "core", "port"):
                other = os.path.normpath(os.path.join(folder, name))
                if exists(root, other):
                    waiting.append(other)
                    break
    return found


def ships(root, kind, sources, papers):
    """What is needed, and nothing else. Public headers of core/ are needed: applications include them."""
    there = set(pack.shipped(root, kind))
    needed = included(root, set(sources) | set(repo.files(root, "core/include", ends=(".h",)))) | papers
    return [f"{kind}: {p} is needed, and does not ship" for p in sorted(needed - there)] + \
           [f"{kind}: {p} ships, and nobody needs it" for p in sorted(there - needed)]


def shipping(root):
    m = yaml_of(root, "idf_component.yml")
    examples = {p for e in m.get("examples", []) for p in repo.files(root, e["path"], ends=("",))}
    core = set(repo.files(root, "core", ends=(".c",)))
    built = {p for p in pack.filtered(root, pack.platformio_manifest(root)["build"]["srcFilter"]) if p.endswith(".c")}
    return ships(root, "esp-idf", core | ported(root), IDF_PAPERS | examples) + \
        ships(root, "platformio", built, PLATFORMIO_PAPERS)


# ---- CMake

def record(root, script, *options):
    """{what: [words]} that a CMakeLists.txt tells the SDK, and the problems met."""
    run = subprocess.run(["cmake", *(f"-D{o}" for o in options), "-P", os.path.join(root, "tests/static/record", script)],
                         capture_output=True, text=True, check=False)
    said = {}
    for name, word in re.findall(r"^-- (\S+) (.*)$", run.stdout, re.M):
        said.setdefault(name, []).append(word)
    return said, [f"{script}: {run.stderr.strip()}"] if run.returncode else []


def sources_of(said, *names):
    return [w for name in names for w in said.get(name, []) if w.endswith(".c")]


def checked(root, where, sources, wanted):
    out = [f"{where}: {s} does not exist" for s in sources if not os.path.exists(s)]
    relative = {os.path.relpath(os.path.realpath(s), os.path.realpath(root)) for s in sources}
    out += [f"{where}: {s} twice" for s in relative if len([x for x in sources if x.endswith(s)]) > 1]
    return out + [f"{where}: {s} is missing" for s in sorted(wanted - relative)]


def core_sources(root):
    text = re.sub(r"#.*", "", repo.read(root, "core/sources.cmake"))
    plain = re.search(r"set\(TINYIAM_CORE_SOURCES(.*?)\)", text, re.S)[1].split()
    return {f"core/{name}" for name in plain}


def optional_sources(root, without=None):
    """What the options of Kconfig add to core/."""
    text = re.sub(r"#.*", "", repo.read(root, "core/sources.cmake"))
    lists = re.findall(r"set\(TINYIAM_CORE_((?:AUDIT|PACE|CREDS)\w*) (.*?)\)", text, re.S)
    return {f"core/{name}" for option, part in lists if option != without for name in part.split()}


def ported(root):
    """The ports for sockets of POSIX and TLS by mbedTLS, as ESP-IDF and PlatformIO take them."""
    text = re.sub(r"#.*", "", repo.read(root, "port/sources.cmake"))
    lists = re.findall(r"set\(TINYIAM_PORT_(?:DRIVE|SOCKETS|POSIX|TLS|PROXY)_SOURCES(.*?)\)", text, re.S)
    return {f"port/{name}" for part in lists for name in part.split()}


def idf_record(root, component, target, mbedtls):
    """What the component in this folder registers with every option on, and mbedTLS before 4.0 or where the folder says."""
    options = [f"CONFIG_TINYIAM_{o}=y" for o in ("AUDIT", "PACE", "CREDS", "CREDS_IOT", "CREDS_CONTAINER", "CREDS_IMDS",
                                                "CREDS_SSO", "CREDS_STS")]
    return record(root, "esp_idf.cmake", "PASS=build", f"IDF_TARGET={target}", f"MBEDTLS_DIR={mbedtls}",
                  f"COMPONENT={component}", *options)


def idf_cmake(root):
    out = []
    with tempfile.TemporaryDirectory() as old, tempfile.TemporaryDirectory() as new:
        os.makedirs(os.path.join(new, "mbedtls", "tf-psa-crypto"))
        for target in ("linux", "esp32c3"):
            asked, problems = record(root, "esp_idf.cmake", "PASS=scan", f"IDF_TARGET={target}")
            out += problems
            for mbedtls, backend in ((old, "sha256_mbedtls.c"), (new, "sha256_psa.c")):
                built, problems = idf_record(root, root, target, mbedtls)
                where = f"esp_idf, {target}, {backend}"
                out += problems
                sources = sources_of(built, "SRCS", "SOURCES_OF___idf_tinyiam")
                wanted = core_sources(root) | optional_sources(root) | {
                    f"core/base/{backend}"} | ported(root)
                out += checked(root, where, sources, wanted)
                out += [f"{where}: both backends" for _ in [0] if len([s for s in sources if "/sha256_" in s]) != 1]
                psa = "IAM_SHA256_PSA" in built.get("DEFINITIONS_OF___idf_tinyiam", [])
                out += [f"{where}: IAM_SHA256_PSA does not fit"] if psa != (mbedtls == new) else []
                for name in ("REQUIRES", "PRIV_REQUIRES"):
                    if asked.get(name) != built.get(name):
                        out.append(f"{where}: {name} differs between the two readings")
                    out += [f"{where}: {name}: no component {c}" for c in built.get(name, []) if c not in IDF_COMPONENTS]
                public = sorted(os.path.relpath(d, root) for d in built.get("INCLUDE_DIRS", []))
                if public != ["core/include", "port/include"]:
                    out.append(f"{where}: public folders are {public}")
                out += [f"{where}: not an argument: {w}" for w in built.get("UNPARSED_ARGUMENTS", [])]
            if ("lwip" in asked.get("PRIV_REQUIRES", [])) == (target == "linux"):
                out.append(f"esp_idf, {target}: lwip")
    return out


def zephyr_cmake(root):
    everything = ["CONFIG_TINYIAM=y", "CONFIG_MBEDTLS=y", "CONFIG_TINYIAM_SOCKETS=y", "CONFIG_TINYIAM_TLS_SOCKETS=y",
                  "CONFIG_TINYIAM_TLS_MBEDTLS=y", "CONFIG_TINYIAM_SNTP=y", "CONFIG_TINYIAM_SETTINGS=y",
                  "CONFIG_TINYIAM_AUDIT=y", "CONFIG_TINYIAM_PACE=y",
                  "CONFIG_TINYIAM_CREDS=y", "CONFIG_TINYIAM_CREDS_IOT=y",
                  "CONFIG_TINYIAM_CREDS_CONTAINER=y", "CONFIG_TINYIAM_CREDS_IMDS=y", "CONFIG_TINYIAM_CREDS_SSO=y",
                  "CONFIG_TINYIAM_CREDS_STS=y"]
    ports = {f"port/{n}.c" for n in ("drive", "system_zephyr", "sockets", "tls_zephyr", "tls_mbedtls", "sntp_zephyr",
                                     "checkpoint_zephyr")}
    out = []
    for options, wanted in (([], set()),
                            (["CONFIG_TINYIAM=y"], core_sources(root) | {"port/drive.c", "port/system_zephyr.c"}),
                            (everything, core_sources(root) | optional_sources(root) | ports)):
        said, problems = record(root, "zephyr.cmake", *options)
        where = f"zephyr, {len(options)} options"
        sources = sources_of(said, "zephyr_library_sources")
        out += problems + checked(root, where, sources, wanted)
        if not options and said:
            out.append("zephyr: adds something though CONFIG_TINYIAM is off")
        if options and said.get("zephyr_library_named") != ["tinyiam"]:
            out.append(f"{where}: the library has no name of its own")
    return out


# ---- Kconfig

def tree(root, text):
    import kconfiglib
    with tempfile.NamedTemporaryFile("w", suffix=".Kconfig", delete=False) as f:
        f.write(text)
    try:
        conf = kconfiglib.Kconfig(f.name, warn_to_stderr=False)
        return conf, list(conf.warnings)
    except kconfiglib.KconfigError as error:
        return None, [str(error)]
    finally:
        os.unlink(f.name)


def kconfig(root):
    root = os.path.realpath(root)
    conf, out = tree(root, IDF_ROOT.format(root=root))
    if conf and conf.syms["TINYIAM"].str_value != "y":
        out.append("Kconfig: in ESP-IDF a component that is there is on")
    others = "\n".join(f'config {name}\n    bool "{name}"\n' for name in ZEPHYR_OPTIONS)
    conf, problems = tree(root, ZEPHYR_ROOT.format(root=root, others=others))
    out += problems
    if not conf:
        return out
    if conf.syms["TINYIAM"].str_value != "n":
        out.append("platform/zephyr/Kconfig: on by default")
    selects = [s.name for s in conf.unique_defined_syms if s.name.startswith("TINYIAM") and (s.selects or s.implies)]
    out += [f"platform/zephyr/Kconfig: {name} selects other options" for name in selects]
    if conf.syms["TINYIAM_CREDS"].str_value != "n":
        out.append("platform/zephyr/Kconfig: CREDS is on by default")
    for name in ("TINYIAM", "TINYIAM_CREDS", *ZEPHYR_OPTIONS):
        conf.syms[name].set_value("y")
    own = [s for s in conf.unique_defined_syms if s.name.startswith("TINYIAM")]
    out += [f"platform/zephyr/Kconfig: {s.name} cannot be set though everything is there" for s in own
            if not s.visibility and s.name not in ("TINYIAM_SHA256_MBEDTLS",)]
    return out + configurations(root, {s.name for s in own})


def configurations(root, own):
    """*.conf and sdkconfig.defaults set options of ours that exist."""
    out = []
    sample = set(re.findall(r"^ *config (SAMPLE_\w+)", repo.read(root, "platform/zephyr/samples/last_accessed/Kconfig"), re.M))
    example = set(re.findall(r"^ *config (EXAMPLE_\w+)", repo.read(root, f"{EXAMPLE}/main/Kconfig.projbuild"), re.M))
    for path in repo.files(root, "platform/zephyr", ends=(".conf",)) + [f"{EXAMPLE}/sdkconfig.defaults"]:
        for line, name in re.findall(r"^(CONFIG_(\w+)=.*)$", repo.read(root, path), re.M):
            known = own | sample | example | {"TINYIAM"}
            if name.startswith(("TINYIAM", "SAMPLE_", "EXAMPLE_")) and name not in known:
                out.append(f"{path}: {line}: there is no such option")
    for folder, prefix, known in (("platform/zephyr/samples", "SAMPLE_", sample), (EXAMPLE, "EXAMPLE_", example)):
        text = "".join(repo.read(root, p) for p in repo.files(root, folder))
        used = set(re.findall(rf"CONFIG_({prefix}\w+)", text))
        out += [f"{folder}: CONFIG_{name} is used, and is in no Kconfig" for name in sorted(used - known)]
    return out


def problems(root):
    root = os.path.realpath(root)
    return (idf_manifest(root) + example_manifests(root) + zephyr_manifest(root) + west_manifest(root) +
            platformio_manifest(root) + shipping(root) + idf_cmake(root) + zephyr_cmake(root) + kconfig(root))


if __name__ == "__main__":
    repo.arguments(__doc__)
    repo.report("manifests", problems(repo.ROOT), "mend the file that is named: a registry would read it as it is")
