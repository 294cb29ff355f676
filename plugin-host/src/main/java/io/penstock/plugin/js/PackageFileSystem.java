package io.penstock.plugin.js;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryStream;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.io.FileSystem;

/**
 * All that a context sees of files: the modules of its own package below {@link #ROOT}, and virtual modules such as
 * {@code @penstock/plugin}. There is nothing else to climb to.
 */
final class PackageFileSystem implements FileSystem {
    /** Where the package lies. Stack traces show paths below it. */
    static final String ROOT = "/plugin/";

    private static final String API_MODULE = "@penstock/plugin";
    private static final byte[] API =
            "export const definePlugin = (plugin) => plugin;\n".getBytes(StandardCharsets.UTF_8);

    private final Map<String, byte[]> files;
    private final Map<String, byte[]> modules;

    /**
     * Makes one.
     *
     * @param modules virtual modules beside the plugin's API, by the names they are imported by
     */
    PackageFileSystem(ScriptPackage scripts, Map<String, byte[]> modules) {
        this.files = scripts.files();
        this.modules = modules;
    }

    private byte[] content(Path path) throws NoSuchFileException {
        String text = toAbsolutePath(path).normalize().toString();
        String name = text.substring(1);
        byte[] content = text.startsWith(ROOT)
                ? files.get(text.substring(ROOT.length()))
                : name.equals(API_MODULE) ? API : modules.get(name);
        if (content == null) {
            throw new NoSuchFileException(text, null, "the package has no such file");
        }
        return content;
    }

    @Override
    public Path parsePath(URI uri) {
        // Whatever the scheme: a path that is not in the package is found by nobody.
        return Path.of(uri.getPath() == null ? "/" + uri : uri.getPath());
    }

    @Override
    public Path parsePath(String path) {
        return Path.of(path);
    }

    @Override
    public void checkAccess(Path path, Set<? extends AccessMode> modes, LinkOption... options) throws IOException {
        if (modes.contains(AccessMode.WRITE) || modes.contains(AccessMode.EXECUTE)) {
            throw new SecurityException("a package is read only");
        }
        content(path);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) {
        throw new SecurityException("a package is read only");
    }

    @Override
    public void delete(Path path) {
        throw new SecurityException("a package is read only");
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return new Content(content(path));
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public Path toAbsolutePath(Path path) {
        return Path.of("/").resolve(path);
    }

    @Override
    public Path toRealPath(Path path, LinkOption... options) throws IOException {
        content(path);
        return toAbsolutePath(path).normalize();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return Map.of("isRegularFile", true, "isDirectory", false, "isSymbolicLink", false, "size", (long)
                content(path).length);
    }

    /** A file's bytes, as the engine wants to read them. */
    private static final class Content implements SeekableByteChannel {
        private final ByteBuffer bytes;
        private boolean isOpen = true;

        Content(byte[] content) {
            this.bytes = ByteBuffer.wrap(content).asReadOnlyBuffer();
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!isOpen) {
                throw new ClosedChannelException();
            }
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(bytes.remaining(), into.remaining());
            into.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            throw new NonWritableChannelException();
        }

        @Override
        public long position() {
            return bytes.position();
        }

        @Override
        public SeekableByteChannel position(long position) {
            bytes.position((int) Math.min(position, bytes.limit()));
            return this;
        }

        @Override
        public long size() {
            return bytes.limit();
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public void close() {
            isOpen = false;
        }
    }
}
