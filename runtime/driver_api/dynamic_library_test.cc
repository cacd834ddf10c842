#include <erl_driver.h>
#include <gtest/gtest.h>

#include <string>

namespace portlab {
namespace {

TEST(DriverDlTest, MissingLibraryGivesNullAndTheReason) {
  std::string path = "/no/such/library";
  EXPECT_EQ(driver_dl_open(path.data()), nullptr);
  EXPECT_NE(std::string(driver_dl_error()).find("/no/such/library.so"), std::string::npos);
}

TEST(DriverDlTest, SymbolsOfALibraryAreFound) {
  std::string path = DYNAMIC_LIBRARY;  // without the ".so", which is appended
  void* library = driver_dl_open(path.data());
  ASSERT_NE(library, nullptr) << driver_dl_error();
  std::string known = "forty_two";
  std::string unknown = "no_such_symbol";
  void* symbol = driver_dl_sym(library, known.data());
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(reinterpret_cast<int (*)()>(symbol)(), 42);
  EXPECT_EQ(driver_dl_sym(library, unknown.data()), nullptr);
  EXPECT_NE(std::string(driver_dl_error()).find("no_such_symbol"), std::string::npos);
  EXPECT_EQ(driver_dl_close(library), 0);
}

}  // namespace
}  // namespace portlab
