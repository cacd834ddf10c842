#include "term/iodata.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

TEST(FlattenIodataTest, NestedPartsComeInOrder) {
  const Term term = Term::List({Term::Int('a'), Term::Binary("bc"),
                                Term::List({Term::String("de"), Term::Nil()}), Term::Int('f')},
                               Term::Binary("tail"));
  EXPECT_EQ(FlattenIodata(term), "abcdeftail");
}

TEST(FlattenIodataTest, BinaryAndNilAreIodata) {
  EXPECT_EQ(FlattenIodata(Term::Binary("x")), "x");
  EXPECT_EQ(FlattenIodata(Term::Nil()), "");
  EXPECT_EQ(FlattenIodata(Term::String("ab", Term::Binary("c"))), "abc");
}

TEST(FlattenIodataTest, AnythingElseIsRefused) {
  EXPECT_FALSE(FlattenIodata(Term::Int(1)));
  EXPECT_FALSE(FlattenIodata(Term::Atom("a")));
  EXPECT_FALSE(FlattenIodata(Term::List({Term::Int(256)})));
  EXPECT_FALSE(FlattenIodata(Term::List({Term::Int(-1)})));
  EXPECT_FALSE(FlattenIodata(Term::List({Term::Atom("a")})));
  EXPECT_FALSE(FlattenIodata(Term::Cons(Term::Int(1), Term::Int(2))));
  EXPECT_FALSE(FlattenIodata(Term::String("a", Term::Atom("t"))));
  EXPECT_FALSE(FlattenIodata(Term::List({Term::Cons(Term::Int(1), Term::Int(2)), Term::Int(1)})));
}

TEST(FlattenIodataTest, DeepListsDoNotRecurse) {
  Term left;
  Term right = Term::Binary("x");
  for (int i = 0; i < 500'000; ++i) {
    left = Term::Cons(std::move(left), Term::Nil());
    right = Term::Cons(Term::Int('y'), std::move(right));
  }
  EXPECT_EQ(FlattenIodata(left), "");
  EXPECT_EQ(FlattenIodata(right)->size(), 500'001U);
}

}  // namespace
}  // namespace portlab
