# The steps of tests/run: one function and one line each.
#   step NAME "steps it needs" "what it does" [optional|"on request"|""] [what it downloads, beside packages and build/deps]
# A function runs at the repository's root with `set -e`, prints to its log, and fails by its exit code;
# `cannot "why"` where the machine lacks something. shellcheck shell=bash

python=/usr/bin/python3

preset() { # PRESET [-D...]: configures and builds
    cmake --preset "$@" && cmake --build --preset "$1" -j "$cores"
}
folder() { # FOLDER TARGET CMAKE-ARGUMENT...: the same without a preset
    local where=build/$1 target=$2
    shift 2
    cmake -S . -B "$where" "$@" && cmake --build "$where" --target "$target" -j "$cores"
}
programs() { # PRESET FOLDER: the C tests of tests/FOLDER
    ctest --test-dir "build/$1" -R "^$2/" --no-tests=error -V -j "$cores"
}
sources() { # FOLDER...: C files and headers
    find "$@" -name '*.[ch]' | sort
}

# ---- Builds. The order of this file is the order of starting: what takes longest comes first.

step build-gcc "" "library, command and tests by gcc, warnings as errors"
step_build_gcc() { preset host -DTINYIAM_WERROR=ON -DTINYIAM_TESTS=ON; }

step build-clang "" "library, command and tests by clang, warnings as errors"
step_build_clang() { preset clang -DTINYIAM_TESTS=ON; }

step build-asan "" "library, command and tests with AddressSanitizer and UndefinedBehaviorSanitizer"
step_build_asan() { preset asan -DTINYIAM_TESTS=ON -DTINYIAM_WERROR=OFF; } # -O1 makes gcc see ghosts

step build-cortexm "" "the firmware for a Cortex-M4, and its unit tests"
step_build_cortexm() { # by the preset, into the folder that platform/cortexm/run and the tests use
    cmake --preset cortex-m4 -B build/cortex-m4-firmware -DTINYIAM_WERROR=ON \
        -DTINYIAM_FIRMWARE_DIR="$PWD/build/cortexm-mps2-an386"
    cmake --build build/cortex-m4-firmware -j "$cores"
    $python tests/programs/cortexm/machine.py tinyiam_cortexm unit_images bench
}

step build-mbedtls36 "" "library, command and tests on mbedTLS 3.6, from its sources (build/deps): what is packed"
step_build_mbedtls36() {
    cmake --preset release -B build/mbedtls36 -DTINYIAM_WERROR=ON -DTINYIAM_TESTS=ON -DTINYIAM_EXAMPLES=ON
    cmake --build build/mbedtls36 -j "$cores"
}

step build-fuzz "" "fuzz runners by clang, under the sanitizers"
step_build_fuzz() {
    preset fuzz
    cmake --build --preset fuzz --target libfuzzer_xml -j "$cores"
}

step build-m4 "" "core/ for a Cortex-M4, profiles full and minimal"
step_build_m4() { # without a compiler's cache, which does not keep the call graphs that the step size reads
    set -- -DTINYIAM_WERROR=ON -DTINYIAM_FIRMWARE=OFF -DCMAKE_C_COMPILER_LAUNCHER=
    preset cortex-m4 "$@" -DTINYIAM_CONFIG=configs/full.config
    cmake --preset cortex-m4 -B build/cortex-m4-minimal "$@" -DTINYIAM_CONFIG=configs/minimal.config
    cmake --build build/cortex-m4-minimal -j "$cores"
}

step clang-tidy "build-clang" "clang-tidy over core, port and the command; good verdicts on what has not changed are kept in build/clang/tidy"
step_clang_tidy() { $python tests/static/tidy.py build/clang; }

# ---- Programs: the library and the command at work.

# One step for each tests/programs/cli/test_NAME.py.
for source in tests/programs/cli/test_*.py; do
    name=${source##*/test_}
    name=${name%.py}
    also= # a test that compares two builds names the other one
    grep -q 'build-mbedtls36' "$source" && also=" build-mbedtls36"
    step "cli-$name" "build-gcc$also" "the command against the simulator (tests/programs/cli/test_$name.py)"
    eval "step_cli_${name//-/_}() { TINYIAM=\$PWD/build/host/tinyiam $python tests/programs/cli/test_$name.py; }"
done

step audit-page "build-gcc" "the page of an audit as bytes: rows, totals, hostile names (tests/programs/page/test_page.py)"
step_audit_page() { $python tests/programs/page/test_page.py; }

step audit-html "build-gcc" "the page of an audit in chromium: map, search, order, keyboard, paper, nothing goes out (tests/programs/page)"
step_audit_html() {
    command -v chromium >/dev/null || cannot "no chromium (apt-get install chromium)"
    $python tests/programs/page/test_browser.py
}

# One step for each tests/programs/cortexm/test_NAME.py.
for source in tests/programs/cortexm/test_*.py; do
    name=${source##*/test_}
    name=${name%.py}
    step "cortexm-$name" "build-cortexm build-gcc" "the firmware in QEMU (tests/programs/cortexm/test_$name.py)"
    eval "step_cortexm_$name() { $python tests/programs/cortexm/test_$name.py; }"
done

step cortexm-budget "build-cortexm" "flash and RAM of the firmware, stack and TLS arena at work, against tests/size_budget.csv"
step_cortexm_budget() { $python tests/programs/cortexm/budget.py; }

step sim "" "the endpoint simulator against botocore and the AWS CLI (tests/lab/sim)"
step_sim() { $python tests/lab/sim/test_sim.py; }

step vectors-lists "" "what the vectors say of the lists of an account is what botocore says (tests/vectors/lists.py)"
step_vectors_lists() { $python tests/vectors/lists.py --check; }

step completion-lists "" "namespaces and regions that completion offers are what botocore says (platform/host/completion/lists.py)" "" build/deps/botocore
step_completion_lists() { tests/deps/fetch build/deps botocore && $python platform/host/completion/lists.py --check; }

# One step for each part that a plan names.
parts=
for part in $(sed -n 's/^part *//p' tests/core/proof/*.plan | sort -u); do
    parts="$parts proofs-$part"
    names=$(grep -l "^part *$part\$" tests/core/proof/*.plan | sed 's/.*\///; s/\.plan$/,/' | tr '\n' ' ')
    step "proofs-$part" "" "CBMC proves ${names%, } (tests/core/proof); what has not changed is kept in build/proof" "" build/deps/cbmc
    eval "step_proofs_$part() { $python tests/core/proof/prove --part $part; }"
done
step proofs "$parts" "all of them, as a table: none is left out"
step_proofs() {
    $python tests/core/proof/prove --table | tee /dev/stderr | grep -F '| - | - |' && cannot "something is not proved"
    return 0
}

step proofs-faults "" "the same with a fault planted in each: it is found" "on request" build/deps/cbmc
step_proofs_faults() { $python tests/core/proof/prove --faults; }

step coverage "" "which lines, branches and conditions (MC/DC) of core/ and port/ the C tests run, by gcov, against goals (tests/core/coverage)" "" build/deps/gcc14
step_coverage() { # gcc 14 counts conditions, too: this machine's, or Debian 13's; a compiler's cache knows no such notes
    local where=coverage-lines compiler=gcc conditions=
    if [ "$(gcc -dumpversion | cut -d . -f 1)" -ge 14 ]; then
        where=coverage-native conditions=-fcondition-coverage
    elif tests/deps/fetch build/deps gcc14; then
        where=coverage-gcc14 compiler=$PWD/tests/deps/gcc14 conditions=-fcondition-coverage
    fi
    folder $where all -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_COMPILER_LAUNCHER= -DCMAKE_BUILD_TYPE=None -DTINYIAM_TESTS=ON \
        "-DCMAKE_C_FLAGS=--coverage $conditions -O0 -fprofile-exclude-files=.*/tests/.*"
    find build/$where -name '*.gcda' -delete
    ctest --test-dir build/$where -R '^(unit|laws|creds|port)/' -E oracle --no-tests=error -j "$cores" --output-on-failure
    $python tests/core/coverage build/$where
}

# The C tests of core/ elsewhere: machine-NAME is tests/core/machines/run NAME.
step machine-msan "" "unit, creds and laws by clang under MemorySanitizer: nothing is read before it was written (tests/core/machines)"
step_machine_msan() { tests/core/machines/run msan; }

step machine-msan-laws "machine-msan" "the same with the laws over every reply body" "on request"
step_machine_msan_laws() { tests/core/machines/run msan-laws; }

for name in integer uchar O0 O3 plain; do
    step "machine-$name" "" "unit, creds and laws by other flags of a compiler (tests/core/machines)" "on request"
    eval "step_machine_$name() { tests/core/machines/run $name; }"
done
for name in s390x armhf aarch64 musl tcc; do # compilers that most machines lack
    step "machine-$name" "" "unit, creds and laws on $name (tests/core/machines)" "on request" "packages of the group machines"
    eval "step_machine_$name() { tests/setup machines && tests/core/machines/run $name; }"
done

step mutants "build-gcc" "the C tests notice changes: 60 mutants, lines of core/ that differ from a base first (tests/core/mutants)"
step_mutants() { $python tests/core/mutants/mutate; }

step mutants-all "build-gcc" "the same for 500 mutants of all of core/, by a fresh seed" "on request"
step_mutants_all() { $python tests/core/mutants/mutate --all 500; }

step mutants-holes "build-gcc" "mutants that survived once are noticed (tests/core/mutants/holes)" "on request"
step_mutants_holes() { $python tests/core/mutants/mutate --holes; }

step laws-asan "build-asan" "the five laws under the sanitizers (tests/core/laws)"
step_laws_asan() { programs asan laws; }

step creds-asan "build-asan" "providers of credentials under the sanitizers (tests/core/creds)"
step_creds_asan() { ASAN_OPTIONS=detect_invalid_pointer_pairs=2 programs asan creds; }

step unit-asan "build-asan" "unit tests under the sanitizers"
step_unit_asan() { ASAN_OPTIONS=detect_invalid_pointer_pairs=2 programs asan unit; } # pointer-subtract looks only then

step port-asan "build-asan" "ports under the sanitizers (tests/ports/port)"
step_port_asan() { programs asan port; }

step laws "build-gcc" "the five laws: split, cut, fault, squeeze, guard over all reply bodies (tests/core/laws)"
step_laws() { programs host laws; }

step creds "build-gcc" "providers of credentials: documents, life, laws, secrets (tests/core/creds)"
step_creds() { programs host creds; }

step unit "build-gcc" "unit tests (tests/core/unit)"
step_unit() { programs host unit; }

step port "build-gcc" "ports: sockets, TLS, clocks, drive (tests/ports/port)"
step_port() {
    programs host port
    $python tests/ports/port/test_servers.py build/host/tests/port/port_tls_probe
}

step install "build-gcc" "cmake --install, find_package, pkg-config, add_subdirectory, FetchContent (tests/programs/install)"
step_install() { BUILD=build/host $python tests/programs/install/test_install.py; }

step debian "build-mbedtls36" "Debian package and tarball: contents, lintian, at work; cmake --install and uninstall (tests/programs/install)"
step_debian() { BUILD=build/mbedtls36 $python tests/programs/install/test_debian.py; }

step debian-root "build-mbedtls36" "both in a Debian with nothing else in it, which debootstrap makes" "on request" "a Debian, each time"
step_debian_root() {
    [ "$(id -u)" = 0 ] || cannot "only root may make a Debian (debootstrap, chroot)"
    tests/setup sdk && BUILD=build/mbedtls36 $python tests/programs/install/test_debian_root.py
}

step registries "" "what ESP-IDF's registry and PlatformIO are given (platform/pack) builds from these files alone (tests/programs/install)"
step_registries() { $python tests/programs/install/test_registries.py; }

step port-lwip "" "the stream on lwIP's raw API passes the rules of port.h, under the sanitizers (tests/ports/port_lwip)"
step_port_lwip() {
    cmake -S tests/ports/port_lwip -B build/ports-lwip -DCMAKE_BUILD_TYPE=Debug -DLWIP_SOURCE_DIR="$PWD/build/deps/lwip"
    cmake --build build/ports-lwip -j "$cores"
    build/ports-lwip/test_lwip
    build/ports-lwip/test_families
}

step port-lwip-sockets "" "the sockets port on lwIP's sockets, with lwIP's threads on the host"
step_port_lwip_sockets() {
    cmake -S tests/ports/port_lwip_sockets -B build/ports-lwip-sockets -DLWIP_SOURCE_DIR="$PWD/build/deps/lwip"
    cmake --build build/ports-lwip-sockets -j "$cores"
    build/ports-lwip-sockets/test_sockets
}

step port-mbedtls36 "build-mbedtls36" "ports on mbedTLS 3.6: TLS 1.3 as well"
step_port_mbedtls36() {
    programs mbedtls36 port
    $python tests/ports/port/test_servers.py build/mbedtls36/tests/port/port_tls_probe
    cmake --build build/mbedtls36 --target example_four_clients example_deep_sleep
    $python tests/ports/port/test_examples.py build/mbedtls36
}

step certificates "build-gcc" "whom TLS believes: kinds of certificates, OpenSSL's verdict beside ours (tests/ports/port/test_matrix.py)"
step_certificates() { $python tests/ports/port/test_matrix.py build/host/tests/port/port_tls_probe; }

step certificates-mbedtls36 "build-mbedtls36" "the same on mbedTLS 3.6, TLS 1.3 as well"
step_certificates_mbedtls36() { $python tests/ports/port/test_matrix.py build/mbedtls36/tests/port/port_tls_probe; }

step certificates-lean "" "the same on mbedTLS 2.28 that keeps no certificate and looks up roots"
step_certificates_lean() {
    folder mbedtls228-lean port_tls_probe -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTINYIAM_TESTS=ON \
        -DMBEDTLS_SOURCE_DIR="$PWD/build/deps/mbedtls228" \
        -DCMAKE_C_FLAGS="-DMBEDTLS_USER_CONFIG_FILE='\"$PWD/tests/ports/port/support/mbedtls_lean.h\"'"
    $python tests/ports/port/test_matrix.py build/mbedtls228-lean/tests/port/port_tls_probe
}

step example-device-key "" "a device's key in PSA, on mbedTLS 3.6 (platform/host/examples/device_key.c)"
step_example_device_key() {
    folder mbedtls36-psa example_device_key -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTINYIAM_WERROR=ON \
        -DTINYIAM_TESTS=OFF -DMBEDTLS_SOURCE_DIR="$PWD/build/deps/mbedtls36" \
        -DCMAKE_C_FLAGS=-DMBEDTLS_USE_PSA_CRYPTO -DTINYIAM_EXAMPLES=ON
    $python tests/core/creds/test_example.py build/mbedtls36-psa/example_device_key
}

step examples "" "four clients in a poll loop, a list read between deep sleeps (platform/host/examples)"
step_examples() {
    folder examples example_four_clients -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTINYIAM_WERROR=ON -DTINYIAM_TESTS=OFF \
        -DTINYIAM_EXAMPLES=ON
    cmake --build build/examples --target example_deep_sleep
    $python tests/ports/port/test_examples.py build/examples
}

step cli-tls-mbedtls36 "build-mbedtls36" "the command on mbedTLS 3.6 against OpenSSL: TLS 1.3 as well"
step_cli_tls_mbedtls36() {
    for test in tls sessions; do
        TINYIAM=$PWD/build/mbedtls36/tinyiam $python tests/programs/cli/test_$test.py
    done
}

step port-built "" "mbedTLS built with small records, and in other ways that make it fail oddly: said by compiler and command"
step_port_built() {
    folder mbedtls36-small tinyiam_command -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTINYIAM_WERROR=ON -DTINYIAM_TESTS=OFF \
        -DMBEDTLS_SOURCE_DIR="$PWD/build/deps/mbedtls36" \
        -DCMAKE_C_FLAGS="-DMBEDTLS_SSL_IN_CONTENT_LEN=4096 -DIAM_TLS_AS_BUILT"
    $python tests/ports/port/test_built.py build/mbedtls36-small/tinyiam build/deps/mbedtls36
}

step unit-mbedtls36 "build-mbedtls36" "unit tests on mbedTLS 3.6"
step_unit_mbedtls36() { programs mbedtls36 unit; }

step storm "build-gcc build-asan" "seeded plans of faults against library and command, and kills, for 30 s (tests/lab/storm)"
step_storm() { tests/lab/storm/run --seconds 30; }

# One step for each tests/core/fuzz/fuzz_NAME.c, in the list and in the log under that name.
for source in tests/core/fuzz/fuzz_*.c; do
    name=${source##*/fuzz_}
    name=${name%.c}
    step "fuzz-$name" "build-fuzz" "made-up inputs for ${TINYIAM_FUZZ_SECONDS:-10} s (tests/core/fuzz/fuzz_$name.c)"
    eval "step_fuzz_${name//-/_}() { build/fuzz/tests/fuzz/fuzz_$name --seconds ${TINYIAM_FUZZ_SECONDS:-10}; }"
done

step fuzz-xml-corpus "build-fuzz" "libFuzzer on tests/core/fuzz/fuzz_xml.c for a while, with a corpus that grows (build/corpus/xml)"
step_fuzz_xml_corpus() { # what an earlier run found comes first, then the reply bodies of the vectors
    local vectors=tests/vectors/cases
    mkdir -p build/corpus/xml
    build/fuzz/tests/fuzz/libfuzzer_xml -max_total_time="${TINYIAM_FUZZ_SECONDS:-10}" -max_len=4096 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix=build/corpus/ build/corpus/xml $vectors/public $vectors/quirks $vectors/rejects_public
    echo "corpus: $(find build/corpus/xml -type f | wc -l) documents"
}

step demo "build-gcc" "platform/host/demo shows what it says"
step_demo() { platform/host/demo; }

# ---- The source and what becomes of it.

step boards "build-gcc" "core/ and its loop on Cortex-M0+ (16 KB of RAM), Cortex-M33, RISC-V rv32imac and Xtensa lx106 in QEMU, beside this machine"
step_boards() { $python tests/core/boards/test_boards.py; }

step options "" "the library with each option of Kconfig turned off, and with all of them off: what is left works"
step_options() {
    local option
    mkdir -p build/options
    rm -f build/options/*.config
    echo "CONFIG_TINYIAM=y" | tee build/options/all.config >build/options/none.config
    echo "CONFIG_TINYIAM_CREDS_SSO=y" >>build/options/all.config # off by default
    # the versions of TLS need one that mbedTLS has: cortexm-versions
    for option in $(grep -A1 '^ *config TINYIAM_' Kconfig | grep -B1 'bool ' | sed -n 's/^ *config //p' | grep -v TLS); do
        printf 'CONFIG_TINYIAM=y\n# CONFIG_%s is not set\n' "$option" >"build/options/$option.config"
        echo "# CONFIG_$option is not set" >>build/options/none.config
    done
    for option in build/options/*.config; do
        echo "== $option"
        folder "${option#build/}.build" options_test_options -DTINYIAM_CONFIG="$option" -DTINYIAM_WERROR=ON -DTINYIAM_TESTS=ON \
            -DTINYIAM_COMMAND=OFF
        cmake --build "$option.build" --target tinyiam_core
        $python tests/static/symbols.py "" "$option.build/libtinyiam_core.a"
        "$option.build/tests/options/options_test_options"
    done
}

step limits "" "Kconfig sets the bounds: other numbers, and the laws about what never ends hold at those"
step_limits() {
    mkdir -p build/limits
    cat configs/full.config - >build/limits/limits.config <<END
CONFIG_TINYIAM_HTTP_HEAD_MAX=2048
CONFIG_TINYIAM_HTTP_INTERIM_MAX=3
CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX=512
CONFIG_TINYIAM_BODY_MAX=500000
CONFIG_TINYIAM_XML_DEPTH_MAX=4096
CONFIG_TINYIAM_PAGE_ITEMS_MAX=1500
CONFIG_TINYIAM_MAX_PAGES=7
CONFIG_TINYIAM_CONNECT_MS=8500
CONFIG_TINYIAM_RESPONSE_MS=9000
CONFIG_TINYIAM_IDLE_MS=10000
CONFIG_TINYIAM_EXCHANGE_MS=60000
END
    folder limits/build laws_test_engine_bounds -DTINYIAM_TESTS=ON -DTINYIAM_CONFIG=build/limits/limits.config
    cmake --build build/limits/build --target laws_test_engine_time -j "$cores"
    build/limits/build/tests/laws/laws_test_engine_bounds
    build/limits/build/tests/laws/laws_test_engine_time
}

step cppcheck "" "cppcheck over core, port and the command"
step_cppcheck() {
    mkdir -p build/cppcheck
    cppcheck --quiet --std=c11 --platform=unix64 --error-exitcode=1 --inline-suppr -j "$cores" \
        --enable=warning,performance,portability --cppcheck-build-dir=build/cppcheck --library=tests/static/cppcheck.cfg \
        -I core/include -I port/include -I core -I port -I platform -I platform/host core port \
        platform/common platform/host ||
        { echo "What to do: mend it, or, where it is right as it is, // cppcheck-suppress ID with the reason" && return 1; }
}

step static-style "" "clang-format agrees"
step_static_style() {
    sources core port platform tests | xargs -P "$cores" -n 40 clang-format --dry-run -Werror ||
        { echo "What to do: clang-format -i FILE" && return 1; }
}

step static-symbols "build-m4" "core/ needs six functions of libc and mbedTLS, and holds no data"
step_static_symbols() {
    folder static tinyiam_core -DCMAKE_BUILD_TYPE=Release -DTINYIAM_TESTS=OFF
    $python tests/static/symbols.py "" build/static/libtinyiam_core.a
    $python tests/static/symbols.py arm-none-eabi- build/cortex-m4/libtinyiam_core.a \
        build/cortex-m4-minimal/libtinyiam_core.a
}

step static-misra "" "MISRA C:2012 by cppcheck's addon over core/: mandatory rules none, required ones no more than tests/static/misra_counts"
step_static_misra() { $python tests/static/misra.py; }

step static-headers "" "public headers compile alone, as C11 and as C++17; no file is too long"
step_static_headers() { $python tests/static/headers.py; }

step static-sources "" "every source is in a source list, and every listed one exists"
step_static_sources() { $python tests/static/sources.py; }

step static-laws "" "the laws of this folder find what they should (tests/static/test_static.py)"
step_static_laws() { $python tests/static/test_static.py; }

step static-layers "" "includes point one way"
step_static_layers() { $python tests/static/layers.py; }

step static-kconfig "" "Kconfig's defaults equal config.h's"
step_static_kconfig() { $python tests/static/kconfig.py; }

step static-manifests "" "what ESP-IDF, Zephyr and PlatformIO read of the repository: manifests, what ships, CMake, Kconfig, without an SDK"
step_static_manifests() { $python tests/static/manifests.py; }

step static-stubs "" "ports and samples for ESP-IDF and Zephyr compile against stub headers: catches typos, not API drift"
step_static_stubs() { $python tests/static/stubs.py; }

step size "build-m4" "flash, structs and stack of core/ against tests/size_budget.csv"
step_size() { tests/size build/cortex-m4:full build/cortex-m4-minimal:minimal; }

step bench-goals "build-gcc" "instructions of tokenizer and engine against their goals (tests/lab/bench)"
step_bench_goals() { $python tests/lab/bench/test_bench.py && $python tests/lab/bench/bench.py --only parser engine; }

step bench "build-gcc build-m4" "everything measured beside others that do the same job (tests/lab/bench)" "on request"
step_bench() { $python tests/lab/bench/bench.py; }

step readme "build-gcc build-m4" "README.md, EVIDENCE.md: the C compiles, the sizes are measured, the storm blows again, named files exist"
step_readme() { tests/readme; }
