package io.penstock.filter;

import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of an error page with the words in it that stand for what an error says. Other braces are the page's own. What is
 * put in is escaped for the language of the page, so that nothing a client sent becomes part of it.
 *
 * @param literals one more than words; literal, word, literal, ...
 * @param words names of values
 */
@SharedByWorkers
record PageText(List<String> literals, List<String> words, Language language) {
    private static final Pattern WORD = Pattern.compile("\\{(status|title|reason|requestId|detail)}");
    /** So many words are put in; further ones stay as they are written. */
    private static final int WORDS_MAX = 64;

    /** What a page is written in. */
    enum Language {
        HTML("text/html; charset=utf-8"),
        JSON("application/json");

        private final String contentType;

        Language(String contentType) {
            this.contentType = contentType;
        }

        String contentType() {
            return contentType;
        }

        private void escape(String text, StringBuilder into) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (this == HTML) {
                    switch (c) {
                        case '&' -> into.append("&amp;");
                        case '<' -> into.append("&lt;");
                        case '>' -> into.append("&gt;");
                        case '"' -> into.append("&quot;");
                        case '\'' -> into.append("&#39;");
                        default -> into.append(c < ' ' ? ' ' : c);
                    }
                } else if (c == '"' || c == '\\') {
                    into.append('\\').append(c);
                } else if (c < ' ' || c == 0x7f) {
                    into.append(String.format("\\u%04x", (int) c));
                } else {
                    into.append(c);
                }
            }
        }
    }

    PageText {
        literals = List.copyOf(literals);
        words = List.copyOf(words);
    }

    static PageText of(String text, Language language) {
        List<String> literals = new ArrayList<>();
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        int from = 0;
        while (words.size() < WORDS_MAX && matcher.find()) {
            literals.add(text.substring(from, matcher.start()));
            words.add(matcher.group(1));
            from = matcher.end();
        }
        literals.add(text.substring(from));
        return new PageText(literals, words, language);
    }

    byte[] with(ErrorPages.Said said) {
        StringBuilder text = new StringBuilder(literals.getFirst());
        for (int i = 0; i < words.size(); i++) {
            switch (words.get(i)) {
                case "status" -> text.append(said.status());
                case "title" -> language.escape(said.title(), text);
                case "reason" -> language.escape(said.reason(), text);
                case "requestId" -> language.escape(said.requestId(), text);
                default -> language.escape(said.detail(), text);
            }
            text.append(literals.get(i + 1));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
