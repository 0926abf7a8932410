// The texts' units: characters, sentences, tokens, syllables, languages, CSV.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verifiers/instruction/csv.h"
#include "verifiers/instruction/language.h"
#include "verifiers/instruction/lexicon.h"
#include "verifiers/instruction/sentences.h"
#include "verifiers/instruction/tokens.h"

namespace hone::instruction {
namespace {

std::vector<std::string> Encoded(const std::vector<TextView>& parts) {
  std::vector<std::string> out;
  for (const TextView part : parts) out.push_back(Encode(part));
  return out;
}

TEST(UnicodeTextTest, BadBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Decode("a\xff\xc3(\xe2\x82"), U"a\uFFFD\uFFFD(\uFFFD\uFFFD");
  EXPECT_EQ(Encode(Decode("é猫😀")), "é猫😀");
}

TEST(UnicodeTextTest, WholeWordsHaveNoWordCharacterBeside) {
  EXPECT_TRUE(ContainsWholeWord(U"a cat.", U"cat"));
  EXPECT_FALSE(ContainsWholeWord(U"cats and écat cat_", U"cat"));
  EXPECT_TRUE(ContainsWholeWord(U"cats cat", U"cat"));
}

TEST(UnicodeTextTest, WordsTrimmedAndSplit) {
  EXPECT_EQ(Encoded(SplitWords(U" a\u00a0b\n\u3000c ")), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(Encoded(WordRuns(U"it's 3.5_x")), (std::vector<std::string>{"it", "s", "3", "5_x"}));
  EXPECT_EQ(Encoded(Split(U"a--b--", U"--")), (std::vector<std::string>{"a", "b", ""}));
  EXPECT_EQ(Encode(TrimMarks(U"'(a b)!")), "a b");
  EXPECT_EQ(Encode(ToAscii(U"São Tomé, Łódź")), "Sao Tome, odz");
}

TEST(SentencesTest, AreSplitWhereTheyEnd) {
  struct Case {
    const char* text;
    std::vector<std::string> sentences;
  };
  const Case cases[] = {
      {"", {}},
      {" \n", {}},
      {"One", {"One"}},
      {"One. Two? Three!", {"One.", "Two?", "Three!"}},
      {"  One.\n\n Two. ", {"  One.", "Two."}},
      {"Mr. Smith met Dr. Jones. They talked.", {"Mr. Smith met Dr. Jones.", "They talked."}},
      {"It costs $3.50. Cheap.", {"It costs $3.50.", "Cheap."}},
      {"He came at 5 p.m. on Jan. 5. Then he left.", {"He came at 5 p.m. on Jan. 5.", "Then he left."}},
      {"In the U.S. The law is old.", {"In the U.S.", "The law is old."}},
      {"J. Bach wrote. No. 5 is good.", {"J. Bach wrote.", "No.", "5 is good."}},
      {"Wait... what? Well... The end.", {"Wait... what?", "Well...", "The end."}},
      {"He said \"Stop.\" She did.", {"He said \"Stop.\"", "She did."}},
      {"(It rained.) We left.", {"(It rained.)", "We left."}},
      {"What?! No!!! Yes.", {"What?!", "No!!!", "Yes."}},
      {"1. First item.\n2. Second item.", {"1.", "First item.", "2.", "Second item."}},
      {"Use it, e.g. here. Done.", {"Use it, e.g.", "here.", "Done."}},
      {"a.b.c is one word.Not two", {"a.b.c is one word.Not two"}},
      {"I live in St. Louis. 'Nice.' Yes.", {"I live in St. Louis.", "'Nice.'", "Yes."}},
  };
  for (const Case& c : cases) EXPECT_EQ(Encoded(SplitSentences(Decode(c.text))), c.sentences) << c.text;
}

TEST(TokensTest, AreCutAsInThePennTreebank) {
  struct Case {
    const char* text;
    std::vector<std::string> tokens;
  };
  const Case cases[] = {
      {"Don't stop, it's fine.", {"Do", "n't", "stop", ",", "it", "'s", "fine", "."}},
      {"I'll say \"hi\" (twice).", {"I", "'ll", "say", "``", "hi", "''", "(", "twice", ")", "."}},
      {"It costs $3.50, or 1,000: yes?!", {"It", "costs", "$", "3.50", ",", "or", "1,000", ":", "yes", "?", "!"}},
      {"You cannot... gonna", {"You", "can", "not", "...", "gon", "na"}},
      {"the dogs' bowl -- 'tis", {"the", "dogs", "'", "bowl", "--", "'t", "is"}},
      {"a,, b", {"a", ",", ",", "b"}},
      {"```x``` “q”", {"``", "`", "x", "``", "`", "“", "q", "”"}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(Encoded(Tokens(Decode(c.text)).words()), c.tokens) << c.text;
}

TEST(LexiconTest, SyllablesAreCounted) {
  const std::pair<const char32_t*, int> cases[] = {{U"cat", 1},    {U"table", 2},  {U"make", 1},  {U"serious", 3},
                                                   {U"Create", 2}, {U"rhythm", 1}, {U"loves", 1}, {U"123", 0},
                                                   {U"b2b", 0},    {U"", 0},       {U"x", 1},     {U"queue", 1}};
  for (const auto& [word, count] : cases) EXPECT_EQ(CountSyllables(word), count) << Encode(word);
}

TEST(LexiconTest, VerbsBeginATextByTheirNeighbour) {
  struct Case {
    const char32_t *first, *second;
    bool verb;
  };
  const Case cases[] = {{U"Consider", U"the", true}, {U"The", U"question", false}, {U"Running", U"fast", true}, {U"Create", U"a", true},
                        {U"Morning", U"is", false},  {U"Write", U"it", true},      {U"Answer", U":", false},    {U"", U"", false}};
  for (const Case& c : cases) EXPECT_EQ(BeginsWithVerb(c.first, c.second), c.verb) << Encode(c.first) << " " << Encode(c.second);
}

TEST(LexiconTest, EmojiAreSingleCodePoints) {
  for (const char32_t c : TextView(U"😀🚀❤☀✅")) EXPECT_TRUE(IsEmoji(c)) << static_cast<uint32_t>(c);
  for (const char32_t c : TextView(U"a1#*é猫\uFE0F\u200D")) EXPECT_FALSE(IsEmoji(c)) << static_cast<uint32_t>(c);
}

TEST(LanguageTest, IsDetected) {
  const std::pair<const char*, const char*> cases[] = {
      {"en", "The quick brown fox jumps over the lazy dog because it was bored."},
      {"es", "El zorro marrón salta sobre el perro perezoso porque estaba muy aburrido."},
      {"pt", "A raposa marrom salta sobre o cão preguiçoso porque estava muito entediada."},
      {"fr", "Le renard brun saute par-dessus le chien paresseux parce qu'il s'ennuyait."},
      {"de", "Der braune Fuchs springt über den faulen Hund, weil ihm langweilig war."},
      {"it", "La volpe marrone salta sopra il cane pigro perché era molto annoiata."},
      {"nl", "De bruine vos springt over de luie hond omdat hij zich verveelde."},
      {"pl", "Brązowy lis przeskakuje nad leniwym psem, ponieważ bardzo się nudził."},
      {"fi", "Ruskea kettu hyppää laiskan koiran yli, koska se oli tylsistynyt."},
      {"sv", "Den bruna räven hoppar över den lata hunden eftersom den hade tråkigt."},
      {"vi", "Con cáo nâu nhảy qua con chó lười biếng vì nó cảm thấy buồn chán."},
      {"sw", "Mbweha wa kahawia anaruka juu ya mbwa mvivu kwa sababu alikuwa amechoka sana."},
      {"tr", "Kahverengi tilki tembel köpeğin üzerinden atlar çünkü çok sıkılmıştı."},
      {"ru", "Коричневая лиса прыгает через ленивую собаку, потому что ей было скучно."},
      {"uk", "Коричнева лисиця стрибає через ледачого собаку, тому що їй було нудно."},
      {"bg", "Кафявата лисица скача над мързеливото куче, защото ѝ беше много скучно."},
      {"ar", "الثعلب البني يقفز فوق الكلب الكسول لأنه كان يشعر بالملل."},
      {"fa", "روباه قهوه‌ای از روی سگ تنبل می‌پرد زیرا حوصله‌اش سر رفته بود."},
      {"ur", "بھوری لومڑی سست کتے کے اوپر سے چھلانگ لگاتی ہے کیونکہ وہ بور تھی۔"},
      {"hi", "भूरी लोमड़ी आलसी कुत्ते के ऊपर से कूदती है क्योंकि वह ऊब गई थी।"},
      {"mr", "तपकिरी कोल्हा आळशी कुत्र्यावरून उडी मारतो कारण त्याला कंटाळा आला होता आणि तो दमला आहे."},
      {"ne", "खैरो फ्याउरो अल्छी कुकुरमाथि उफ्रन्छ किनभने उसलाई दिक्क लागेको थियो र यो राम्रो छ।"},
      {"bn", "বাদামী শিয়াল অলস কুকুরের উপর দিয়ে লাফ দেয়।"},
      {"ta", "பழுப்பு நரி சோம்பேறி நாயின் மேல் குதிக்கிறது."},
      {"te", "గోధుమ రంగు నక్క సోమరి కుక్క మీద దూకుతుంది."},
      {"kn", "ಕಂದು ನರಿ ಸೋಮಾರಿ ನಾಯಿಯ ಮೇಲೆ ಜಿಗಿಯುತ್ತದೆ."},
      {"gu", "ભૂરા રંગનું શિયાળ આળસુ કૂતરા ઉપરથી કૂદે છે."},
      {"pa", "ਭੂਰੀ ਲੂੰਬੜੀ ਆਲਸੀ ਕੁੱਤੇ ਦੇ ਉੱਪਰੋਂ ਛਾਲ ਮਾਰਦੀ ਹੈ।"},
      {"ml", "തവിട്ടുനിറമുള്ള കുറുക്കൻ മടിയൻ നായയുടെ മുകളിലൂടെ ചാടുന്നു."},
      {"th", "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ"},
      {"ko", "갈색 여우가 게으른 개를 뛰어넘는다."},
      {"ja", "茶色の狐がのろまな犬を飛び越える。"},
      {"zh", "棕色的狐狸跳过了懒狗。"},
      {"he", "השועל החום קופץ מעל הכלב העצלן."},
      {"el", "Η καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί."},
      {"", "12 + 34 = 46 😀"},
  };
  for (const auto& [language, text] : cases) {
    EXPECT_EQ(DetectLanguage(Decode(text)), language) << text;
    EXPECT_TRUE(*language == 0 || IsKnownLanguage(language)) << language;
  }
}

TEST(LanguageTest, OfOneShortSentenceIsDetected) {
  const std::pair<const char*, std::vector<const char*>> cases[] = {
      {"en",
       {"The sun rises in the east", "Good morning, how are you?", "Blue whales eat krill", "Paris, France", "My answer is yes.",
        "1. Buy milk\n2. Buy eggs\n3. Buy bread", "Ancient ruins whisper secrets", "Step 1: Boil water. Step 2: Add pasta.",
        "Congratulations!", "Summer breeze, golden light, children laughing", "Monday: chest, Tuesday: legs"}},
      {"es", {"El sol sale por el este", "Hoy tengo que ir al mercado.", "El gato duerme en el sofá", "Quisiera una taza de café"}},
      {"pt", {"O sol nasce no leste", "Hoje preciso ir ao mercado.", "O gato dorme no sofá", "Eu queria uma xícara de café"}},
      {"fr", {"Le soleil se lève à l'est", "Je dois aller au marché aujourd'hui.", "Le chat dort sur le canapé"}},
      {"de", {"Die Sonne geht im Osten auf", "Ich muss heute auf den Markt gehen.", "Ich hätte gern eine Tasse Kaffee"}},
      {"it", {"Il sole sorge a est", "Oggi devo andare al mercato.", "Il gatto dorme sul divano", "Vorrei una tazza di caffè"}},
      {"nl", {"Ik moet vandaag naar de markt.", "Ik dans heel graag met mijn vrienden"}},
      {"pl", {"Muszę dzisiaj iść na rynek.", "Chciałbym filiżankę kawy"}},
      {"fi", {"Minun täytyy mennä tänään torille.", "Suomessa on tuhansia järviä", "Kissa nukkuu sohvalla"}},
      {"et", {"Ma pean täna turule minema.", "Eesti on ilus maa ja siin räägitakse palju keeli."}},
      {"hu", {"Ma piacra kell mennem.", "A macska a kanapén alszik"}},
      {"cs", {"Dobré ráno, jak se máš?", "Velmi rád tancuji s přáteli"}},
      {"sk", {"Dnes musím ísť na trh."}},
      {"hr", {"Danas moram ići na tržnicu.", "Mačka spava na kauču"}},
      {"ro", {"Astăzi trebuie să merg la piață.", "Pisica doarme pe canapea"}},
      {"tr", {"Bugün pazara gitmem gerekiyor.", "Kedi kanepede uyuyor"}},
      {"vi", {"Hôm nay tôi phải đi chợ.", "Con mèo ngủ trên ghế"}},
      {"id", {"Selamat pagi, apa kabar?", "Saya sangat suka menari bersama teman-teman"}},
      {"tl", {"Kailangan kong pumunta sa palengke ngayon.", "Ang pusa ay natutulog sa sopa"}},
      {"sw", {"Jua huchomoza mashariki", "Ninahitaji kwenda sokoni leo.", "Paka analala kwenye kochi"}},
      {"ru", {"Солнце встает на востоке", "Я хотел бы чашку кофе"}},
      {"uk", {"Сонце сходить на сході", "Кіт спить на дивані"}},
      {"bg", {"Слънцето изгрява от изток", "Котката спи на дивана"}},
      {"mk", {"Денес треба да одам на пазар."}},
      {"ar", {"صباح الخير كيف حالك", "القطة تنام على الأريكة"}},
      {"fa", {"سلام حال شما چطور است؟", "گربه روی مبل خوابیده است"}},
      {"ur", {"یہ کتاب بہت اچھی لگی۔", "بلی صوفے پر سو رہی ہے"}},
      {"hi", {"सूरज पूर्व में उगता है", "आपका दिन शुभ हो!", "दिल्ली भारत की राजधानी है"}},
      {"mr", {"सूर्य पूर्वेला उगवतो", "तुमचा दिवस चांगला जावो!", "मांजर सोफ्यावर झोपले आहे"}},
      {"ne", {"सूर्य पूर्वबाट उदाउँछ", "तपाईंको दिन शुभ होस्!", "काठमाडौं नेपालको राजधानी हो"}},
  };
  for (const auto& [language, texts] : cases)
    for (const char* text : texts) EXPECT_EQ(DetectLanguage(Decode(text)), language) << text;
}

TEST(LanguageTest, ADominantScriptWinsOverForeignTerms) {
  EXPECT_EQ(DetectLanguage(Decode("मैं Python और Linux का उपयोग करता हूँ क्योंकि यह अच्छा है")), "hi");
  EXPECT_EQ(DetectLanguage(Decode("我使用 Python 编写程序")), "zh");
}

TEST(CsvTest, RowsAreReadAsInPython) {
  using Rows = std::vector<std::vector<Text>>;
  struct Case {
    const char* text;
    std::optional<Rows> rows;
  };
  const Case cases[] = {
      {"", Rows{}},
      {"a,b\nc,d", Rows{{U"a", U"b"}, {U"c", U"d"}}},
      {"a,b\r\nc,d\r\n", Rows{{U"a", U"b"}, {U"c", U"d"}}},
      {"a\n\nb\n", Rows{{U"a"}, {}, {U"b"}}},
      {"\"a,\n\"\"b\"\"\",c", Rows{{U"a,\n\"b\"", U"c"}}},
      {"a\"b\",c", Rows{{U"a\"b\"", U"c"}}},
      {"\"a\"b,c", Rows{{U"ab", U"c"}}},
      {"a,", Rows{{U"a", U""}}},
      {"\"a", Rows{{U"a"}}},
      {"a\rb", std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseCsv(Decode(c.text), ','), c.rows) << c.text;
  EXPECT_FALSE(ParseCsv(Text(200'000, U'a'), ',').has_value());
}

TEST(CsvTest, ReadsOneRowAndOneFieldBeyondTheLimits) {
  const auto rows = ParseCsv(U"a,b,c,d\ne\nf\ng\n", ',', {.rows = 2, .fields = 2});
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->front(), (std::vector<Text>{U"a", U"b", U"c"}));
}

}  // namespace
}  // namespace hone::instruction
