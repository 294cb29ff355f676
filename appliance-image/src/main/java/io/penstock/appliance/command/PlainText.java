package io.penstock.appliance.command;

/** Text from elsewhere on its way to a terminal: whatever could steer the terminal is shown, not obeyed. */
final class PlainText {
    private PlainText() {}

    static String of(String text) {
        if (text.chars().noneMatch(PlainText::steers)) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (steers(point)) {
                plain.append(String.format("\\u%04x", point));
            } else {
                plain.appendCodePoint(point);
            }
        });
        return plain.toString();
    }

    private static boolean steers(int point) {
        return Character.isISOControl(point) && point != '\n' && point != '\t';
    }
}
