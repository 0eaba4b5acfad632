# The few words our CMakeLists speak. Every folder is one library; its tests stand beside its sources.

find_program(OBELISK_CCACHE ccache)
if(OBELISK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OBELISK_CCACHE}")
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)

add_library(obelisk_flags INTERFACE)
target_include_directories(obelisk_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(obelisk_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion
  -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(obelisk_flags INTERFACE OBELISK_VERSION="${PROJECT_VERSION}")
if(OBELISK_SANITIZE)
  target_compile_options(obelisk_flags INTERFACE -fsanitize=${OBELISK_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(obelisk_flags INTERFACE -fsanitize=${OBELISK_SANITIZE})
endif()
if(OBELISK_FUZZ)
  target_compile_options(obelisk_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Folders of the frame that this checkout does not have yet are simply not there.
function(obelisk_add_if_present dir)
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt")
    add_subdirectory(${dir})
  endif()
endfunction()

# obelisk_library(name SOURCES a.cpp ... DEPS other ...)
function(obelisk_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC obelisk_flags ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE obelisk_flags ${ARG_DEPS})
  endif()
endfunction()

# obelisk_program(name SOURCES main.cpp ... DEPS ...): one process, in bin/.
function(obelisk_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE obelisk_flags ${ARG_DEPS})
endfunction()

# obelisk_crash_program(name SOURCES main.cpp ... DEPS ...): the same program with crash points, in
# crash/ and never in bin/: only tests start it.
function(obelisk_crash_program name)
  obelisk_program(${name}-crash ${ARGN})
  set_target_properties(${name}-crash PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY "${OBELISK_OUTPUT_DIR}/crash")
endfunction()

# obelisk_test(name SOURCES a_test.cpp ... DEPS ...): GoogleTest, one ctest entry a binary, so that
# two cores share them; each writes its own JUnit report where OBELISK_JUNIT_DIR says.
function(obelisk_test name)
  if(NOT OBELISK_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE obelisk_flags ${ARG_DEPS} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# obelisk_fuzz(name SOURCES a_fuzz.cpp DEPS ...): libFuzzer, only with -DOBELISK_FUZZ=ON. With the
# tests, what the fuzzer found interesting (tests/corpus/NAME) is replayed under the sanitizers.
function(obelisk_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(OBELISK_TESTS AND IS_DIRECTORY "${CMAKE_SOURCE_DIR}/tests/corpus/${name}")
    obelisk_test(${name}_corpus_test
      SOURCES ${ARG_SOURCES} "${CMAKE_SOURCE_DIR}/tests/corpus/corpus_test.cpp" DEPS ${ARG_DEPS})
    target_compile_definitions(${name}_corpus_test PRIVATE
      OBELISK_CORPUS="tests/corpus/${name}")
  endif()
  if(NOT OBELISK_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE obelisk_flags ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
endfunction()
