package io.penstock.appliance.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A header field as curl takes it. */
record HeaderOption(String name, String value) {
    /** Reads {@code name: value}. */
    static final class Converter implements ITypeConverter<HeaderOption> {
        @Override
        public HeaderOption convert(String text) {
            int colon = text.indexOf(':');
            if (colon < 1) {
                throw new TypeConversionException("found \"" + text + "\", wanted name:value, for example x-beta:1");
            }
            return new HeaderOption(
                    text.substring(0, colon).strip(), text.substring(colon + 1).strip());
        }
    }
}
