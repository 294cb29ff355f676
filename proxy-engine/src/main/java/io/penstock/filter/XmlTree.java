package io.penstock.filter;

import io.penstock.config.JsonTree;
import io.penstock.mark.WorkerConfined;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * XML made a tree of JSON: an element without attributes and elements is its text; any other an object, in which attributes are
 * members {@code @name}, text is {@code #text}, and elements that repeat are an array. Names are as written, prefixes included.
 *
 * <p>A document type is refused, so there are neither entities of its own nor anything to fetch; nested at most
 * {@link JsonTree#DEPTH_MAX} deep.
 */
@WorkerConfined
final class XmlTree {
    private final XMLInputFactory factory = XMLInputFactory.newDefaultFactory();

    /** A body is no acceptable XML; the message says why. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** An element whose end has not come. */
    private static final class Open {
        private final String name;
        private final Map<String, Object> members = new LinkedHashMap<>();
        private final StringBuilder text = new StringBuilder();

        Open(String name) {
            this.name = name;
        }

        void put(String member, Object value) {
            Object present = members.get(member);
            if (present == null) {
                members.put(member, value);
            } else if (present instanceof Repeated repeated) {
                repeated.add(value);
            } else {
                Repeated repeated = new Repeated();
                repeated.add(present);
                repeated.add(value);
                members.put(member, repeated);
            }
        }

        Object value() {
            String own = text.toString().strip();
            if (members.isEmpty()) {
                return own;
            }
            if (!own.isEmpty()) {
                members.put("#text", own);
            }
            return members;
        }
    }

    /** The array of elements that repeat; the values of an element are never a list otherwise. */
    private static final class Repeated extends ArrayList<Object> {
        private static final long serialVersionUID = 1L;
    }

    XmlTree() {
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    }

    /** Reads a document. */
    Map<String, Object> parse(byte[] bytes) throws MalformedException {
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(bytes));
            try {
                return read(reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException broken) {
            int line = broken.getLocation() == null ? 0 : broken.getLocation().getLineNumber();
            throw new MalformedException("it is no well-formed XML" + (line > 0 ? " in line " + line : ""));
        }
    }

    private static String written(@Nullable String prefix, String local) {
        return prefix == null || prefix.isEmpty() || local.indexOf(':') >= 0 ? local : prefix + ":" + local;
    }

    private static Map<String, Object> read(XMLStreamReader reader) throws XMLStreamException, MalformedException {
        List<Open> open = new ArrayList<>();
        open.add(new Open(""));
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (open.size() > JsonTree.DEPTH_MAX) {
                        throw new MalformedException("it is nested more than " + JsonTree.DEPTH_MAX + " deep");
                    }
                    Open element = new Open(written(reader.getPrefix(), reader.getLocalName()));
                    for (int i = 0; i < reader.getAttributeCount(); i++) {
                        element.members.put(
                                "@" + written(reader.getAttributePrefix(i), reader.getAttributeLocalName(i)),
                                reader.getAttributeValue(i));
                    }
                    open.add(element);
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    Open ended = open.removeLast();
                    open.getLast().put(ended.name, ended.value());
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                    open.getLast().text.append(reader.getText());
                case XMLStreamConstants.DTD ->
                    throw new MalformedException("it has a document type, which is not read");
                case XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new MalformedException("it refers to an entity, and none is known");
                default -> {}
            }
        }
        return open.getFirst().members;
    }
}
