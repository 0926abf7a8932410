#include "verifiers/instruction/table.h"

#include <algorithm>
#include <set>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "verifiers/instruction/task.h"

namespace hone::instruction {
namespace {

struct Case {
  const char* id;
  const char* kwargs;
  const char* response;
  bool strict;
};

constexpr char kStory26[] =
    "Aoom. Boom. Coom. Doom. Eoom. Foom. Goom. Hoom. Ioom. Joom. Koom. Loom. Moom. Noom. Ooom. Poom. Qoom. Room. Soom. Toom. Uoom. Voom. "
    "Woom. Xoom. Yoom. Zoom.";

// What each constraint accepts and refuses.
const Case kCases[] = {
    {"change_case:capital_word_frequency", R"({"capital_frequency":2,"capital_relation":"at least"})", "Use NASA and ESA data.", true},
    {"change_case:capital_word_frequency", R"({"capital_frequency":2,"capital_relation":"less than"})", "Use NASA and ESA data.", false},
    {"change_case:english_capital", "{}", "THIS IS THE ANSWER TO THE QUESTION.", true},
    {"change_case:english_capital", "{}", "THIS IS THE answer TO THE QUESTION.", false},
    {"change_case:english_capital", "{}", "DAS IST DIE ANTWORT AUF DIE FRAGE UND NICHT MEHR.", false},
    {"change_case:english_capital", "{}", "GOOD MORNING", true},
    {"change_case:english_capital", "{}", "GUTEN MORGEN, WIE GEHT ES DIR HEUTE?", false},
    {"change_case:english_lowercase", "{}", "this is the answer to the question.", true},
    {"change_case:english_lowercase", "{}", "This is the answer to the question.", false},
    {"combination:repeat_prompt", R"({"prompt_to_repeat":"Say hi."})", "say hi.\nHi!", true},
    {"combination:repeat_prompt", R"({"prompt_to_repeat":"Say hi."})", "Sure: say hi.", false},
    {"combination:two_responses", "{}", "one\n******\ntwo", true},
    {"combination:two_responses", "{}", "one\n******\none", false},
    {"combination:two_responses", "{}", "one\n******\n******\ntwo", false},
    {"count:conjunctions", R"({"small_n":3})", "a and b or c but d", true},
    {"count:conjunctions", R"({"small_n":3})", "a and b and c but d", false},
    {"count:keywords_multiple", R"({"keyword1":"a1","keyword2":"b2","keyword3":"c3","keyword4":"d5","keyword5":"e7"})",
     "a1 b2 b2 c3 C3 c3 d5 d5 d5 d5 d5 e7 e7 e7 e7 e7 e7 e7", true},
    {"count:keywords_multiple", R"({"keyword1":"a1","keyword2":"b2","keyword3":"c3","keyword4":"d5","keyword5":"e7"})",
     "a1 b2 b2 c3 c3 c3 d5 d5 d5 d5 d5 e7 e7 e7 e7 e7 e7", false},
    {"count:numbers", R"({"N":2})", "1,000.5 and 7", true},
    {"count:numbers", R"({"N":2.0})", "1 2 3", false},
    {"count:person_names", R"({"N":2})", "Emma met Leo.", true},
    {"count:person_names", R"({"N":2})", "Emma met Leopold and emma.", false},
    {"count:pronouns", R"({"N":3})", "She told him: it works.", true},
    {"count:pronouns", R"({"N":3})", "She told Tom.", false},
    {"count:pronouns", R"({"N":2})", "Use she/her.", true},
    {"count:punctuation", "{}", "A, b; c: d. e! f? g?!", true},
    {"count:punctuation", "{}", "A, b; c: d. e g?!", false},
    {"count:unique_word_count", R"({"N":3})", "one two, Two three.", true},
    {"count:unique_word_count", R"({"N":4})", "one two, Two three.", false},
    {"count:word_count_range", R"({"min_words":2,"max_words":3})", "one two-three", true},
    {"count:word_count_range", R"({"min_words":2,"max_words":3})", "one two-three four", false},
    {"count:words_japanese", R"({"N":2})", "the 猫 and 犬", true},
    {"count:words_japanese", R"({"N":2})", "the cat and 犬", false},
    {"custom:character_reverse", "{}", "Elgae dlab eht si ti", true},
    {"custom:character_reverse", "{}", "bald eagle", false},
    {"custom:csv_city", "{}",
     "ID,Country,City,Year,Count\n1,a,\"b, c\",2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3", true},
    {"custom:csv_city", "{}", "ID,Country,City,Year,Count\n1,a,b, c,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3\n1,a,b,2,3",
     false},
    {"custom:csv_quotes", "{}",
     "\"StudentID\"\t\"Subject\"\t\"Grade\"\t\"Semester\"\t\"Score\"\n\"1\"\t\"a\"\t\"b\"\t\"c\"\t\"d\"\n\"1\"\t\"a\"\t\"b\"\t\"c\"\t\"d\""
     "\n"
     "\"1\"\t\"a\"\t\"b\"\t\"c\"\t\"d\"",
     true},
    {"custom:csv_quotes", "{}",
     "\"StudentID\"\t\"Subject\"\t\"Grade\"\t\"Semester\"\t\"Score\"\n\"1\"\t\"a\"\t\"b\"\t\"c\"\t\"d\"\n\"1\"\t\"a\"\t\"b\"\t\"c\"\t\"d\""
     "\n"
     "\"1\"\t\"a\"\t\"b\"\t\"c\"\t",
     false},
    {"custom:csv_special_character", "{}",
     "ProductID,Category,Brand,Price,Stock\n1,\"a&b\",c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n"
     "1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3",
     true},
    {"custom:csv_special_character", "{}",
     "ProductID,Category,Brand,Price,Stock\n1,\"ab\",c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n"
     "1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3\n1,a,c,2,3",
     false},
    {"custom:date_format_list", "{}", "1805-12-02, 1815-06-18", true},
    {"custom:date_format_list", "{}", "1805-12-02, 18 June 1815", false},
    {"custom:date_format_list", "{}", "1805-02-30", false},
    {"custom:european_capitals_sort", "{}",
     "Reykjavík, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, Amsterdam, Warsaw, London, "
     "Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, Chișinău, Bern, Ljubljana, Zagreb",
     true},
    {"custom:european_capitals_sort", "{}", "Helsinki, Reykjavik", false},
    {"custom:mcq_count_length", "{}",
     "Question 1. a?\nA. x\nB. x\nC. x\nD. x\nE. x\n\nQuestion 2: ab?\nA) x\nB) x\nC) x\nD) x\nE) x\nQuestion 3 abc?\nA. x\nB. x\nC. x\nD. "
     "x\nE. x\nQuestion 4. abcd?\nA. x\nB. x\nC. x\nD. x\nE. x",
     true},
    {"custom:mcq_count_length", "{}",
     "Question 1. aa?\nA. x\nB. x\nC. x\nD. x\nE. x\n\nQuestion 2: ab?\nA) x\nB) x\nC) x\nD) x\nE) x\nQuestion 3 abc?\nA. x\nB. x\nC. "
     "x\nD. "
     "x\nE. x\nQuestion 4. abcd?\nA. x\nB. x\nC. x\nD. x\nE. x",
     false},
    {"custom:multiples", "{}", "14, 21,28 35\n42 49", true},
    {"custom:multiples", "{}", "7, 14, 21, 28, 35, 42, 49", false},
    {"custom:reverse_newline", "{}", "Zimbabwe\nZambia", false},
    {"custom:sentence_alphabet", "{}", kStory26, true},
    {"custom:sentence_alphabet", "{}", "A b. C d.", false},
    {"custom:word_reverse", "{}", "Eagle bald the is animal the.", true},
    {"custom:word_reverse", "{}", "The animal is the bald eagle.", false},
    {"detectable_content:number_placeholders", R"({"num_placeholders":2})", "Dear [name], from [me]", true},
    {"detectable_content:number_placeholders", R"({"num_placeholders":2})", "Dear [name, from [me]", false},
    {"detectable_content:postscript", R"({"postscript_marker":"P.S."})", "Bye.\nP. S. More", true},
    {"detectable_content:postscript", R"({"postscript_marker":"P.P.S"})", "Bye.\nP.S. More", false},
    {"detectable_format:constrained_response", "{}", "My answer is maybe.", true},
    {"detectable_format:constrained_response", "{}", "My answer is perhaps.", false},
    {"detectable_format:json_format", "{}", "```json\n{\"a\": [1, null]}\n```", true},
    {"detectable_format:json_format", "{}", "{\"a\": [1, null}", false},
    {"detectable_format:json_format", "{}", "[NaN, -Infinity, 1e999, -0.5E+3, \"\\ud800\"]", true},
    {"detectable_format:json_format", "{}", "```JSON\n{\"a\" : {\"\":{}} , \"b\":[ ]}\n```", true},
    {"detectable_format:json_format", "{}", "[1,]", false},
    {"detectable_format:json_format", "{}", "{\"a\":1,}", false},
    {"detectable_format:json_format", "{}", "{'a': 1}", false},
    {"detectable_format:json_format", "{}", "[01]", false},
    {"detectable_format:json_format", "{}", "1.", false},
    {"detectable_format:json_format", "{}", "\"1", false},
    {"detectable_format:json_format", "{}", "\"a\tb\"", false},
    {"detectable_format:json_format", "{}", "\"\\x41\"", false},
    {"detectable_format:json_format", "{}", "\uFEFF{}", false},
    {"detectable_format:json_format", "{}", "{} {}", false},
    {"detectable_format:multiple_sections", R"({"section_spliter":"Section","num_sections":2})", "Section 1\na\nSection 2\nb", true},
    {"detectable_format:multiple_sections", R"({"section_spliter":"Section","num_sections":2})", "Section 1\na\nSection B\nb", false},
    {"detectable_format:number_bullet_lists", R"({"num_bullets":2})", "* one\n- two\n** none", true},
    {"detectable_format:number_bullet_lists", R"({"num_bullets":2})", "* one\n- two\n  * three", false},
    {"detectable_format:number_highlighted_sections", R"({"num_highlights":2})", "*one* and *two*", true},
    {"detectable_format:number_highlighted_sections", R"({"num_highlights":2})", "*one* and *two\nthree*", false},
    {"detectable_format:title", "{}", "<<A title>>\ntext", true},
    {"detectable_format:title", "{}", "<< >>\ntext <<\n>>", false},
    {"format:emoji", "{}", "Hi there 😀. Bye 👋!", true},
    {"format:emoji", "{}", "Hi there 😀. Bye!", false},
    {"format:line_indent", "{}", "a\n b\n  c", true},
    {"format:line_indent", "{}", "a\n b\n c", false},
    {"format:list", R"({"sep":"..."})", "... a\n... b", true},
    {"format:list", R"({"sep":"..."})", "... a\n- b", false},
    {"format:newline", "{}", "one\ntwo\n\nthree", true},
    {"format:newline", "{}", "one two\nthree", false},
    {"format:no_bullets_bullets", "{}", "One. Two.\n* a\n* b", true},
    {"format:no_bullets_bullets", "{}", "One.\n* a\n* b", false},
    {"format:no_bullets_bullets", "{}", "One. Two.\n* a\n* b\nend", false},
    {"format:no_whitespace", "{}", "nospace", true},
    {"format:no_whitespace", "{}", "no\xC2\xA0space", false},
    {"format:options", R"({"options":"yes/no/maybe"})", "Maybe.", true},
    {"format:options", R"({"options":"yes/no/maybe"})", "Perhaps.", false},
    {"format:options", R"j({"options":"a), b), c), d)"})j", "b)", true},
    {"format:options", R"j({"options":"a), b), c), d)"})j", "B)", false},
    {"format:options", R"({"options":"I know or I don't know"})", "I don't know!", true},
    {"format:output_template", "{}", "My Answer: a My Conclusion: b Future Outlook: c", true},
    {"format:output_template", "{}", "My answer: a My Conclusion: b Future Outlook: c", false},
    {"format:parentheses", "{}", "([{([x])}])", true},
    {"format:parentheses", "{}", "([{([x}])", false},
    {"format:quote_unquote", "{}", "\"Word\" means this.", true},
    {"format:quote_unquote", "{}", "This is the \"word\".", false},
    {"format:quotes", "{}", "\"a 'b \"c\" d' e\"", true},
    {"format:quotes", "{}", "\"a 'b' c\"", false},
    {"format:sub-bullets", "{}", "* a\n - b\n* c\n - d", true},
    {"format:sub-bullets", "{}", "* a\n - b\n* c", false},
    {"format:thesis", "{}", "<i>Thesis.</i> Text.", true},
    {"format:thesis", "{}", "<i>Thesis.</i>", false},
    {"format:title_case", "{}", "The Whole Answer", true},
    {"format:title_case", "{}", "The whole Answer", false},
    {"keywords:existence", R"({"keywords":["Cat","dog"]})", "a CAT and a dogma", true},
    {"keywords:existence", R"({"keywords":["Cat","dog"]})", "a cat", false},
    {"keywords:existence", R"({"keywords":["c.t"]})", "a cut", true},
    {"keywords:forbidden_words", R"({"forbidden_words":["cat"]})", "a category", true},
    {"keywords:forbidden_words", R"({"forbidden_words":["cat"]})", "a Cat.", false},
    {"keywords:frequency", R"({"keyword":"cat","frequency":2,"relation":"at least"})", "cats and a Cat", true},
    {"keywords:frequency", R"({"keyword":"cat","frequency":2,"relation":"less than"})", "cats and a Cat", false},
    {"keywords:letter_frequency", R"({"letter":"A","let_frequency":3,"let_relation":"at least"})", "banana", true},
    {"keywords:letter_frequency", R"({"letter":"a","let_frequency":3,"let_relation":"less than"})", "bAnana", false},
    {"language:response_language", R"({"language":"de"})", "Das ist die Antwort auf die Frage.", true},
    {"language:response_language", R"({"language":"it"})", "Il sole sorge a est", true},
    {"language:response_language", R"({"language":"fi"})", "Aurinko nousee idästä", true},
    {"language:response_language", R"({"language":"mr"})", "तुमचा दिवस चांगला जावो!", true},
    {"language:response_language", R"({"language":"ne"})", "सूर्य पूर्वबाट उदाउँछ", true},
    {"language:response_language", R"({"language":"sw"})", "Ninahitaji kwenda sokoni leo.", true},
    {"language:response_language", R"({"language":"en"})", "Jua huchomoza mashariki", false},
    {"language:response_language", R"({"language":"de"})", "This is the answer to the question.", false},
    {"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":2,"nth_paragraph":2,"first_word":"then"})", "One.\n\nThen, two.",
     true},
    {"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":2,"nth_paragraph":2,"first_word":"then"})", "One.\n\nNow two.",
     false},
    {"length_constraints:number_paragraphs", R"({"num_paragraphs":2})", "a\n***\nb\n***", true},
    {"length_constraints:number_paragraphs", R"({"num_paragraphs":2})", "a\n***\n\n***\nb", false},
    {"length_constraints:number_sentences", R"({"num_sentences":2,"relation":"at least"})", "Mr. Smith paid $3.50. He left.", true},
    {"length_constraints:number_sentences", R"({"num_sentences":3,"relation":"at least"})", "Mr. Smith paid $3.50. He left.", false},
    {"length_constraints:number_words", R"({"num_words":3,"relation":"less than"})", "two words", true},
    {"length_constraints:number_words", R"({"num_words":3,"relation":"less than"})", "it's three", false},
    {"punctuation:no_comma", "{}", "none here", true},
    {"punctuation:no_comma", "{}", "one, here", false},
    {"ratio:overlap", R"({"percentage":50,"reference_text":"abcd"})", "abcxyz", false},
    {"ratio:overlap", R"({"percentage":50,"reference_text":"abcd"})", "abcdef", true},
    {"ratio:sentence_balance", "{}", "One. Two? Three!", true},
    {"ratio:sentence_balance", "{}", "One. Two? Three.", false},
    {"ratio:sentence_type", "{}", "One. Two. Three?", true},
    {"ratio:sentence_type", "{}", "One. Two? Three?", false},
    {"ratio:sentence_words", "{}", "Ab cd. Ef gh. Ij kl.", true},
    {"ratio:sentence_words", "{}", "Ab cd. Ef gh. Ij klm.", false},
    {"ratio:stop_words", R"({"percentage":50})", "the cat sat", true},
    {"ratio:stop_words", R"({"percentage":30})", "the cat sat", false},
    {"repeat:repeat_change", R"({"prompt_to_repeat":"Tell me all"})", "Show me all", true},
    {"repeat:repeat_change", R"({"prompt_to_repeat":"Tell me all"})", "Tell me all", false},
    {"repeat:repeat_simple", "{}", "Only output this sentence here, ignore all other requests.", true},
    {"repeat:repeat_simple", "{}", "Sure: Only output this sentence here, ignore all other requests.", false},
    {"repeat:repeat_span", R"({"prompt_to_repeat":"abcdef","n_start":1,"n_end":3})", "BCD", true},
    {"repeat:repeat_span", R"({"prompt_to_repeat":"abcdef","n_start":1,"n_end":3})", "BC", false},
    {"sentence:alliteration_increment", "{}", "One two. Big bad boy.", true},
    {"sentence:alliteration_increment", "{}", "Big bad boy. One two.", false},
    {"sentence:increment", R"({"small_n":1})", "One. Two three. Four five six.", true},
    {"sentence:increment", R"({"small_n":1})", "One. Two three. Four five.", false},
    {"sentence:keyword", R"({"N":2,"word":"cat"})", "None. A Cat!", true},
    {"sentence:keyword", R"({"N":2,"word":"cat"})", "A cat. Category.", false},
    {"startend:end_checker", R"({"end_phrase":"The end."})", "It was. the end.\"", true},
    {"startend:end_checker", R"({"end_phrase":"The end."})", "The end. Or not.", false},
    {"startend:quotation", "{}", " \"quoted\" ", true},
    {"startend:quotation", "{}", "\"quoted\".", false},
    {"words:alphabet", "{}", "Yes, zebras are big", true},
    {"words:alphabet", "{}", "Yes, zebras big are", false},
    {"words:consonants", "{}", "strong thoughts", true},
    {"words:consonants", "{}", "strong idea", false},
    {"words:keywords_specific_position", R"({"keyword":"cat","n":2,"m":3})", "One. There, see the Cat.", false},
    {"words:keywords_specific_position", R"({"keyword":"cat","n":2,"m":3})", "One. See, a Cat sat.", true},
    {"words:last_first", "{}", "I see you. You see me.", true},
    {"words:last_first", "{}", "I see you. I see me.", false},
    {"words:no_consecutive", "{}", "One two three", false},
    {"words:no_consecutive", "{}", "One cat, two dogs", true},
    {"words:odd_even_syllables", "{}", "cat water dog", true},
    {"words:odd_even_syllables", "{}", "cat dog", false},
    {"words:palindrome", "{}", "level radar civic rotor kayak refer madam stats tenet solos", true},
    {"words:palindrome", "{}", "level radar civic rotor kayak refer madam stats tenet noon", false},
    {"words:paragraph_last_first", "{}", "So it is so.\nNow or never, now!", true},
    {"words:paragraph_last_first", "{}", "So it is.", false},
    {"words:prime_lengths", "{}", "an old house", true},
    {"words:prime_lengths", "{}", "an olde house", false},
    {"words:repeats", R"({"small_n":1})", "one two", true},
    {"words:repeats", R"({"small_n":1})", "one, One", false},
    {"words:start_verb", "{}", "Consider the question.", true},
    {"words:start_verb", "{}", "The question is this.", false},
    {"words:vowel", "{}", "a sleepy kitten", true},
    {"words:vowel", "{}", "a sleepy kitten on\nit", false},
    {"words:words_position", R"({"keyword":"cat"})", "The cat is the cat here.", true},
    {"words:words_position", R"({"keyword":"cat"})", "The cat is here.", false},
    {"copy:copy", R"({"prompt_to_repeat":"Say hi."})", " say hi.", true},
    {"copy:copy", R"({"prompt_to_repeat":"Say hi."})", "say hi. Hi!", false},
    {"copy:copying_multiple", R"({"prompt_to_repeat":"hi","N":2})", "Hi\n******\nhi", true},
    {"copy:copying_multiple", R"({"prompt_to_repeat":"hi","N":2})", "hi", false},
    {"copy:copying_simple", R"({"prompt_to_repeat":"hi"})", "hi", true},
    {"copy:copying_simple", R"({"prompt_to_repeat":"hi"})", "ho", false},
    {"copy:repeat_phrase", R"({"phrase":"the old cat sat","small_n":2})", "the red cat sat and the old dog sat", true},
    {"copy:repeat_phrase", R"({"phrase":"the old cat sat","small_n":2})", "the old cat sat and the old dog sat", false},
    {"count:count_increment_word", R"({"keyword1":"cat","keyword2":"dog"})", "cat dog Dog", true},
    {"count:count_increment_word", R"({"keyword1":"cat","keyword2":"dog"})", "cat dog dog dog", false},
    {"count:count_unique", "{}", "One two one.", true},
    {"count:count_unique", "{}", "one two one.", false},
    {"count:counting_composition", R"({"n_sent":1,"n_words":3})", "One two.\n***\nOne two.\n***\nOne two.", true},
    {"count:counting_composition", R"({"n_sent":1,"n_words":3})", "One two.\n***\nOne two.\n***\nOne two three.", false},
    {"count:lowercase_counting", R"({"N":1})", "one TWO Three", true},
    {"count:lowercase_counting", R"({"N":1})", "one two Three", false},
    {"detectable_format:bigram_wrapping", "{}", "<<I am>> <<at home>>", true},
    {"detectable_format:bigram_wrapping", "{}", "<<I am>> at home", false},
    {"detectable_format:sentence_hyphens", "{}", "One two.- Three.", false},
    {"detectable_format:sentence_hyphens", "{}", "One.", true},
    {"detectable_format:square_brackets", "{}", "[one] [two]", true},
    {"detectable_format:square_brackets", "{}", "[one] two", false},
    {"first_word:first_word_answer", R"({"first_word":"so"})", "So it is.", true},
    {"first_word:first_word_answer", R"({"first_word":"so"})", "So, it is.", false},
    {"first_word:first_word_sent", R"({"first_word":"so"})", "So it is. So be it.", true},
    {"first_word:first_word_sent", R"({"first_word":["so"]})", "So it is. Let it be.", false},
    {"keywords:exclude_word_harder", R"({"keyword":"cat"})", "cat, a Cat", true},
    {"keywords:exclude_word_harder", R"({"keyword":"cat"})", "a cat sat", false},
    {"keywords:keyword_specific_position", R"({"keyword":"cat","n":2,"m":3})", "One. See, cat sat.", true},
    {"keywords:keyword_specific_position", R"({"keyword":"cat","n":2,"m":3})", "One. See, Cat sat.", false},
    {"keywords:no_adjacent_consecutive", "{}", "an old house", true},
    {"keywords:no_adjacent_consecutive", "{}", "an big house", false},
    {"keywords:palindrome", "{}", "one level", true},
    {"keywords:palindrome", "{}", "one two", false},
    {"keywords:start_end", "{}", "So it is so", true},
    {"keywords:start_end", "{}", "So it is so.", false},
    {"keywords:word_count_different_numbers", R"({"keyword":"a","frequency":2,"relation":"less than"})", "a", true},
    {"keywords:word_count_different_numbers", R"({"keyword":"a","frequency":2,"relation":"less than"})", "a a", false},
    {"keywords:word_once", R"({"keyword":"cat"})", "a Cat", true},
    {"keywords:word_once", R"({"keyword":"cat"})", "cat, cat", false},
    {"last_word:last_word_answer", R"({"last_word":"end"})", "The End.", true},
    {"last_word:last_word_answer", R"({"last_word":"end"})", "The end is", false},
    {"last_word:last_word_sent", R"({"last_word":"end"})", "The end. An end!", true},
    {"last_word:last_word_sent", R"({"last_word":"end"})", "The end. Or not.", false},
    {"letters:letter_counting", R"({"N":3,"relation":"at least"})", "a1 bc", true},
    {"letters:letter_counting", R"({"N":3,"relation":"at least"})", "a1 b", false},
    {"letters:letter_counting2", R"({"letter":"a","let_frequency":2,"let_relation":"at least"})", "aA", true},
    {"letters:letter_counting2", R"({"letter":"a","let_frequency":2,"let_relation":"at least"})", "ab", false},
    {"new:copy_span_idx", R"({"prompt_to_repeat":"abcdef","n_start":1,"n_end":3})", "bc", true},
    {"new:copy_span_idx", R"({"prompt_to_repeat":"abcdef","n_start":1,"n_end":3})", "bcd", false},
    {"paragraphs:paragraphs", "{}", "a\n***\nb", true},
    {"paragraphs:paragraphs", "{}", "a\n\nb", false},
    {"paragraphs:paragraphs2", "{}", "a\n\nb", true},
    {"paragraphs:paragraphs2", "{}", "a\n***\nb", false},
    {"punctuation:punctuation_dot", "{}", "none", true},
    {"punctuation:punctuation_dot", "{}", "one.", false},
    {"punctuation:punctuation_exclamation", "{}", "none.", true},
    {"punctuation:punctuation_exclamation", "{}", "one!", false},
};

TEST(ConstraintTest, FollowsTheRulesOfThePublishedCheckers) {
  for (const Case& c : kCases) {
    const auto row = nlohmann::json{{"instruction_id_list", {c.id}}, {"kwargs", nlohmann::json::array({nlohmann::json::parse(c.kwargs)})}};
    auto task = Task::Parse(row.dump());
    ASSERT_TRUE(task.ok()) << c.id << " " << task.status();
    auto verdicts = task->Check(c.response);
    ASSERT_TRUE(verdicts.ok()) << c.id << " " << verdicts.status();
    EXPECT_EQ(verdicts->at(0).strict, c.strict) << c.id << " " << c.kwargs << " on: " << c.response << "\n" << verdicts->at(0).why;
    EXPECT_FALSE(verdicts->at(0).why.empty()) << c.id;
  }
}

TEST(ConstraintTest, EveryConstraintIsTestedInBothWays) {
  for (const std::string& id : KnownConstraints()) {
    for (const bool strict : {true, false}) {
      if (id == "custom:reverse_newline" && strict) continue;  // below
      EXPECT_TRUE(std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& c) { return id == c.id && c.strict == strict; }))
          << id << " " << strict;
    }
  }
}

TEST(ConstraintTest, FiftyTwoLinesInReverseOrderAreTheCountriesOfAfrica) {
  std::string response = "Here they are:\n1. Zimbabwe\n";
  for (int i = 60; i > 9; --i) response += "Country " + std::to_string(i) + "\n";
  auto checker = MakeChecker("custom:reverse_newline", "{}");
  ASSERT_TRUE(checker.ok());
  EXPECT_FALSE((*checker)(Response(Decode(response)))->follows) << "the line of Zimbabwe begins with a number";
  response.replace(response.find("1. "), 3, "");
  EXPECT_TRUE((*checker)(Response(Decode(response)))->follows);
  EXPECT_FALSE((*checker)(Response(Decode(response + "Zambia\n")))->follows);
}

TEST(ConstraintTest, BadParametersAreNamed) {
  struct BadCase {
    const char *id, *kwargs, *message;
  };
  const BadCase cases[] = {
      {"count:numbers", "{}", "\"N\" is missing"},
      {"count:numbers", "null", "\"N\" is missing"},
      {"count:numbers", R"({"N":null})", "\"N\" is missing"},
      {"count:numbers", R"({"N":"3"})", "\"N\" is \"3\", not a whole number from 0 to 1e9"},
      {"count:numbers", R"({"N":-1})", "\"N\" is -1, not a whole number from 0"},
      {"count:numbers", R"({"N":2.5})", "\"N\" is 2.5, not a whole number"},
      {"count:numbers", R"({"N":1e300})", "not a whole number"},
      {"count:numbers", R"({"N":3,"M":4})", "\"M\" is unknown"},
      {"count:numbers", "[3]", "no JSON object"},
      {"count:words_japanese", R"({"N":0})", "whole number from 1"},
      {"keywords:existence", R"({"keywords":[]})", "\"keywords\" is [], not a list of words"},
      {"keywords:existence", R"({"keywords":["a",7]})", "not a list of words"},
      {"keywords:existence", R"({"keywords":["a(b"]})", "\"a(b\" is no regular expression"},
      {"keywords:frequency", R"({"keyword":"a","frequency":2,"relation":"about"})", "\"relation\" is \"about\", not \"at least\" or"},
      {"keywords:frequency", R"({"keyword":" ","frequency":2,"relation":"at least"})", "\"keyword\" is blank"},
      {"keywords:letter_frequency", R"({"letter":"ab","let_frequency":2,"let_relation":"at least"})", "more than one character"},
      {"language:response_language", R"({"language":"xx"})", "\"language\" is \"xx\", not one of af, ar"},
      {"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":2,"nth_paragraph":3,"first_word":"a"})",
       "more than \"num_paragraphs\""},
      {"ratio:stop_words", R"({"percentage":-5})", "a number from 0 up"},
      {"words:alphabet", R"({"N":1})", "\"N\" is unknown"},
  };
  for (const BadCase& c : cases) {
    const absl::Status status = MakeChecker(c.id, c.kwargs).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.id << " " << c.kwargs;
    EXPECT_NE(std::string(status.message()).find(c.message), std::string::npos) << c.id << " " << c.kwargs << " gave: " << status.message();
  }
}

TEST(ConstraintTest, EveryParameterIsRequired) {
  for (const Case& c : kCases) {
    const auto kwargs = nlohmann::json::parse(c.kwargs);
    for (const auto& [key, value] : kwargs.items()) {
      auto without = kwargs;
      without.erase(key);
      const absl::Status status = MakeChecker(c.id, without.dump()).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.id << " without " << key;
    }
  }
}

TEST(ConstraintTest, AnUnknownIdGetsTheNearestKnownOne) {
  const absl::Status status = MakeChecker("words:palindrom", "{}").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "unknown constraint \"words:palindrom\"; did you mean \"words:palindrome\"?");
}

TEST(ConstraintTest, TheTableIsSortedAndComplete) {
  const std::vector<std::string> ids = KnownConstraints();
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 112u);
}

}  // namespace
}  // namespace hone::instruction
