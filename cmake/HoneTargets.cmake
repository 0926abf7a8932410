# Most of the time of a source goes into the headers of json, GoogleTest and the like, so a few sources of one target share a translation unit:
# few enough that a one-line change is built in seconds.
function(hone_unity target)
  if(HONE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
endfunction()

# SEPARATE, in both functions below: every source is compiled alone, because their unnamed namespaces have names in common.

# hone_library(NAME [SEPARATE] SOURCES ... DEPS ...): the static library hone_NAME with alias hone::NAME.
function(hone_library name)
  cmake_parse_arguments(ARG "SEPARATE" "" "SOURCES;DEPS" ${ARGN})
  add_library(hone_${name} STATIC ${ARG_SOURCES})
  add_library(hone::${name} ALIAS hone_${name})
  target_link_libraries(hone_${name} PUBLIC hone_options ${ARG_DEPS})
  if(NOT ARG_SEPARATE)
    hone_unity(hone_${name})
  endif()
endfunction()

# hone_test(NAME [SEPARATE] SOURCES ... DEPS ... [LABELS ...]): one GoogleTest program per folder, its cases found by ctest.
# The tests run in the source folder, so that tests/testdata is found under its plain name.
function(hone_test name)
  cmake_parse_arguments(ARG "SEPARATE" "" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT HONE_BUILD_TESTS)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hone_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  if(NOT ARG_SEPARATE)
    hone_unity(${name})
  endif()
  set(labels)
  if(ARG_LABELS)
    set(labels LABELS "${ARG_LABELS}")
  endif()
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 ${labels})
endfunction()

# hone_benchmark(NAME SOURCES ... DEPS ...): a Google Benchmark program; one short run of it is a test.
function(hone_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT HONE_BUILD_BENCHMARKS)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hone_options ${ARG_DEPS} benchmark::benchmark benchmark::benchmark_main)
  if(HONE_BUILD_TESTS)
    add_test(NAME ${name} COMMAND ${name} --benchmark_min_time=0.001 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
