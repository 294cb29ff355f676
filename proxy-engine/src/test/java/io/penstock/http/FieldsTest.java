package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    private final Fields fields = new Fields();

    @Test
    void findsFieldsWithoutRegardToCaseInTheirOrder() {
        fields.add("X-Env", "1");
        fields.add("COOKIE", "a");
        fields.add("x-env", "2");

        assertThat(fields.find("x-env")).isZero();
        assertThat(fields.find("x-env", 1)).isEqualTo(2);
        assertThat(fields.find("x-other")).isEqualTo(-1);
        assertThat(fields.find(KnownField.COOKIE)).isEqualTo(1);
        assertThat(fields.find(KnownField.COOKIE, 2)).isEqualTo(-1);
        assertThat(fields.find(KnownField.HOST)).isEqualTo(-1);
        assertThat(fields.name(2)).isEqualTo("x-env");
        assertThat(fields.valueEquals(2, "2")).isTrue();
        assertThat(fields.valueEqualsIgnoreCase(1, "a")).isTrue();
    }

    @Test
    void setReplacesAllOfThatName() {
        fields.add("A", "1");
        fields.add("B", "2");
        fields.add("a", "3");

        fields.set("A", " 4 ");

        assertThat(Feeding.fields(fields)).isEqualTo("B(OTHER): 2\nA(OTHER): 4");
    }

    @Test
    void removesAndTellsHowMany() {
        fields.add("A", "1");
        fields.add("a", "2");
        fields.add("Age", 3);

        assertThat(fields.remove("a")).isEqualTo(2);
        assertThat(fields.remove("a")).isZero();
        assertThat(Feeding.fields(fields)).isEqualTo("Age(AGE): 3");
        fields.remove(0);
        assertThat(fields.find(KnownField.AGE)).isEqualTo(-1);
    }

    @Test
    void marksWhatThisGatewayAdded() {
        RequestHead head = Messages.request("GET / HTTP/1.1\nHost: a\n\n");
        head.fields().add("X-Env", "prod");

        assertThat(head.fields().isEdited(0)).isFalse();
        assertThat(head.fields().isEdited(1)).isTrue();
    }

    @Test
    void holdsManyFieldsAndLongValues() {
        for (int i = 0; i < 500; i++) {
            fields.add("X-" + i, "v".repeat(i));
        }

        assertThat(fields.value(499)).isEqualTo("v".repeat(499));
        assertThat(fields.name(499)).isEqualTo("X-499");
    }

    @Test
    void copiesAnotherSection() {
        Fields other = new Fields();
        other.add("ETag", "\"x\"");
        fields.add("A", "gone");

        fields.copyFrom(other);

        assertThat(Feeding.fields(fields)).isEqualTo("ETag(ETAG): \"x\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "\u00e9", "a\r", "a\u0000"})
    void refusesANameThatIsNoToken(String name) {
        assertThatThrownBy(() -> fields.set(name, "v")).isInstanceOf(IllegalArgumentException.class);
        assertThat(fields.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: y", "a\nb", "a\u0000", "\u0100", "\u007f"})
    void refusesAValueThatCouldEndItsLine(String value) {
        byte[] bytes = Messages.bytes(value.replace('\u0100', '\u0001'));

        assertThatThrownBy(() -> fields.add("A", value)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fields.add("A", bytes, 0, bytes.length)).isInstanceOf(IllegalArgumentException.class);
        assertThat(fields.count()).isZero();
    }

    @Test
    void isBounded() {
        byte[] value = new byte[1 << 20];
        Arrays.fill(value, (byte) 'v');
        fields.add("A", value, 0, value.length);

        assertThatThrownBy(() -> fields.add("B", value, 0, value.length)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource(KnownField.class)
    void knowsEachKnownNameInAnyCaseAndNothingThatIsOnlyNear(KnownField field) {
        String name = field == KnownField.OTHER ? "x-some-other" : field.lowerName();

        fields.add(name.toUpperCase(Locale.ROOT), "1");
        fields.add(name, "2");
        fields.add(name + "x", "3");
        fields.add("y" + name.substring(1), "4");

        assertThat(fields.known(0)).isEqualTo(field);
        assertThat(fields.known(1)).isEqualTo(field);
        assertThat(fields.known(2)).isEqualTo(KnownField.OTHER);
        assertThat(fields.known(3)).isEqualTo(KnownField.OTHER);
    }
}
