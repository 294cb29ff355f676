package io.penstock.route;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts rules into the table under construction and takes them out: hosts, their shapes, buckets of rules in order.
 * Control thread only. Each edit copies what lies on the way to the rule and nothing else.
 */
final class TableEditor {
    private final BlockStore blocks;
    private final RuleBlocks rules;
    private final HashTrie trie;
    private final int[] wildcardsByLabels = new int[Long.SIZE];
    private int hostRoot;
    private int anyHost;
    private int ruleCount;

    TableEditor(BlockStore blocks, RuleBlocks rules) {
        this.blocks = blocks;
        this.rules = rules;
        this.trie = new HashTrie(blocks);
    }

    int hostRoot() {
        return hostRoot;
    }

    int anyHost() {
        return anyHost;
    }

    int ruleCount() {
        return ruleCount;
    }

    /** A bit for each number of labels that a wildcard's suffix has; the highest bit stands for 63 and more. */
    long wildcardLabels() {
        long mask = 0;
        for (int i = 0; i < wildcardsByLabels.length; i++) {
            mask |= wildcardsByLabels[i] > 0 ? 1L << i : 0;
        }
        return mask;
    }

    // Old records are dropped last: the trie still reads the hash of the leaf that it replaces.

    void add(Rule rule) {
        int oldHost = findHost(rule.host());
        int host = oldHost == 0 ? newHost(rule.host()) : oldHost;
        int paths = blocks.getInt(host, Layout.HOST_PATHS);
        int bucket = findBucket(paths, rule.path());
        boolean isFirst = bucket == 0 || blocks.getInt(bucket, Layout.BUCKET_RULES) == 0;
        long hash = bucket == 0 ? freePlace(paths, rule.path().hash()) : blocks.getLong(bucket, 0);
        int changedPaths = trie.put(paths, hash, withRule(bucket, hash, rule));
        if (bucket != 0) {
            dropBucket(bucket);
        }
        int changedHost = withPaths(host, changedPaths, rule.path().shape(), isFirst ? 1 : 0);
        if (oldHost == 0) {
            dropHost(host);
        }
        place(oldHost, changedHost, rule.host());
        ruleCount++;
    }

    void remove(Rule rule) {
        int host = findHost(rule.host());
        int paths = blocks.getInt(host, Layout.HOST_PATHS);
        int bucket = findBucket(paths, rule.path());
        long hash = blocks.getLong(bucket, 0);
        boolean isLast = blocks.getInt(bucket, Layout.BUCKET_RULES) == 1;
        boolean isChainEnd = HashTrie.find(blocks.buffers(), paths, hash + RouteHash.DISPLACEMENT) == 0;
        int changed = withoutRule(bucket, rule);
        int changedPaths;
        if (isLast && isChainEnd) {
            changedPaths = trie.remove(paths, hash);
            dropBucket(changed);
        } else {
            changedPaths = trie.put(paths, hash, changed);
        }
        dropBucket(bucket);
        place(host, withPaths(host, changedPaths, rule.path().shape(), isLast ? -1 : 0), rule.host());
        ruleCount--;
    }

    // ---- hosts

    int findHost(HostPattern host) {
        if (host.form() == HostPattern.ANY) {
            return anyHost;
        }
        byte[] text = host.bytes();
        for (long hash = host.hash(); ; hash += RouteHash.DISPLACEMENT) {
            int leaf = HashTrie.find(blocks.buffers(), hostRoot, hash);
            if (leaf == 0 || isHost(leaf, host.form(), text)) {
                return leaf;
            }
        }
    }

    private boolean isHost(int leaf, int form, byte[] text) {
        UnsafeBuffer page = Pages.page(blocks.buffers(), leaf);
        int host = Pages.offset(leaf);
        int at = host + Layout.hostBytes(Layout.u16(page, host + Layout.HOST_SHAPE_COUNT), 0);
        return Layout.u8(page, host + Layout.HOST_FORM) == form
                && Layout.u8(page, host + Layout.HOST_LENGTH) == text.length
                && RouteHash.equal(page, at, new UnsafeBuffer(text), 0, text.length);
    }

    private int newHost(HostPattern host) {
        byte[] text = host.bytes();
        int ref = blocks.allocate(Layout.hostBytes(0, text.length));
        blocks.putLong(ref, 0, freePlace(hostRoot, host.hash()));
        blocks.putInt(ref, HashTrie.LEAF_EPOCH, blocks.epoch());
        blocks.putInt(ref, Layout.HOST_PATHS, 0);
        blocks.putShort(ref, Layout.HOST_SHAPE_COUNT, 0);
        blocks.putByte(ref, Layout.HOST_LENGTH, text.length);
        blocks.putByte(ref, Layout.HOST_FORM, host.form());
        blocks.putBytes(ref, Layout.HOST_SHAPES, text);
        return ref;
    }

    private long freePlace(int root, long wanted) {
        long hash = wanted;
        while (HashTrie.find(blocks.buffers(), root, hash) != 0) {
            hash += RouteHash.DISPLACEMENT;
        }
        return hash;
    }

    // The host with other paths and one bucket more or less of a shape; the same record if it could be changed in
    // place.
    private int withPaths(int host, int paths, PathShape shape, int bucketsAdded) {
        List<ShapeCount> shapes = shapes(host);
        int index = 0;
        while (index < shapes.size() && shapes.get(index).shape().compareTo(shape) < 0) {
            index++;
        }
        boolean isKnown = index < shapes.size() && shapes.get(index).shape().equals(shape);
        int buckets = (isKnown ? shapes.get(index).buckets() : 0) + bucketsAdded;
        boolean keepsForm = isKnown && buckets > 0;
        if (keepsForm && blocks.getInt(host, HashTrie.LEAF_EPOCH) == blocks.epoch()) {
            blocks.putInt(host, Layout.HOST_PATHS, paths);
            blocks.putInt(host, Layout.HOST_SHAPES + index * Layout.SHAPE_BYTES + Layout.SHAPE_BUCKETS, buckets);
            return host;
        }
        ShapeCount changed = new ShapeCount(shape, buckets);
        if (!isKnown) {
            shapes.add(index, changed);
        } else if (buckets == 0) {
            shapes.remove(index);
        } else {
            shapes.set(index, changed);
        }
        return rewritten(host, paths, shapes);
    }

    private record ShapeCount(PathShape shape, int buckets) {}

    private List<ShapeCount> shapes(int host) {
        UnsafeBuffer page = Pages.page(blocks.buffers(), host);
        int at = Pages.offset(host);
        int count = Layout.u16(page, at + Layout.HOST_SHAPE_COUNT);
        List<ShapeCount> shapes = new ArrayList<>(count + 1);
        for (int i = 0; i < count; i++) {
            int shape = at + Layout.HOST_SHAPES + i * Layout.SHAPE_BYTES;
            PathShape found = new PathShape(
                    Layout.u8(page, shape + Layout.SHAPE_KIND),
                    Layout.u8(page, shape + Layout.SHAPE_FIXED),
                    page.getLong(shape));
            shapes.add(new ShapeCount(found, page.getInt(shape + Layout.SHAPE_BUCKETS)));
        }
        return shapes;
    }

    private int rewritten(int host, int paths, List<ShapeCount> shapes) {
        int oldShapes = blocks.getShort(host, Layout.HOST_SHAPE_COUNT) & 0xffff;
        if (shapes.size() > 0xffff) {
            throw new IllegalStateException("more than 65535 different shapes of paths under one host");
        }
        int length = blocks.getByte(host, Layout.HOST_LENGTH) & 0xff;
        int ref = blocks.allocate(Layout.hostBytes(shapes.size(), length));
        blocks.putLong(ref, 0, blocks.getLong(host, 0));
        blocks.putInt(ref, HashTrie.LEAF_EPOCH, blocks.epoch());
        blocks.putInt(ref, Layout.HOST_PATHS, paths);
        blocks.putShort(ref, Layout.HOST_SHAPE_COUNT, shapes.size());
        blocks.putByte(ref, Layout.HOST_LENGTH, length);
        blocks.putByte(ref, Layout.HOST_FORM, blocks.getByte(host, Layout.HOST_FORM));
        for (int i = 0; i < shapes.size(); i++) {
            int at = Layout.HOST_SHAPES + i * Layout.SHAPE_BYTES;
            PathShape shape = shapes.get(i).shape();
            blocks.putLong(ref, at, shape.literals());
            blocks.putInt(ref, at + Layout.SHAPE_BUCKETS, shapes.get(i).buckets());
            blocks.putByte(ref, at + Layout.SHAPE_KIND, shape.kind());
            blocks.putByte(ref, at + Layout.SHAPE_FIXED, shape.fixed());
        }
        blocks.copy(host, Layout.hostBytes(oldShapes, 0), ref, Layout.hostBytes(shapes.size(), 0), length);
        return ref;
    }

    // Makes a changed record the one that is found, or takes it out when nothing is left under it.
    private void place(int oldHost, int host, HostPattern pattern) {
        long hash = blocks.getLong(host, 0);
        boolean isAny = pattern.form() == HostPattern.ANY;
        boolean isGone = blocks.getInt(host, Layout.HOST_PATHS) == 0
                && (isAny || HashTrie.find(blocks.buffers(), hostRoot, hash + RouteHash.DISPLACEMENT) == 0);
        if (isAny) {
            anyHost = isGone ? 0 : host;
        } else if (isGone) {
            hostRoot = trie.remove(hostRoot, hash);
            count(pattern, -1);
        } else if (host != oldHost) {
            hostRoot = trie.put(hostRoot, hash, host);
            count(pattern, oldHost == 0 ? 1 : 0);
        }
        if (isGone) {
            dropHost(host);
        }
        if (oldHost != 0 && oldHost != host) {
            dropHost(oldHost);
        }
    }

    private void count(HostPattern pattern, int change) {
        if (pattern.form() == HostPattern.WILDCARD) {
            wildcardsByLabels[Math.min(pattern.labels(), Long.SIZE - 1)] += change;
        }
    }

    private void dropHost(int host) {
        int shapes = blocks.getShort(host, Layout.HOST_SHAPE_COUNT) & 0xffff;
        int length = blocks.getByte(host, Layout.HOST_LENGTH) & 0xff;
        blocks.drop(host, Layout.hostBytes(shapes, length), blocks.getInt(host, HashTrie.LEAF_EPOCH));
    }

    // ---- buckets

    int findBucket(int paths, PathPattern path) {
        for (long hash = path.hash(); ; hash += RouteHash.DISPLACEMENT) {
            int leaf = HashTrie.find(blocks.buffers(), paths, hash);
            if (leaf == 0 || isBucket(leaf, path)) {
                return leaf;
            }
        }
    }

    private boolean isBucket(int leaf, PathPattern path) {
        UnsafeBuffer page = Pages.page(blocks.buffers(), leaf);
        int bucket = Pages.offset(leaf);
        int kind = Layout.u8(page, bucket + Layout.BUCKET_KIND);
        byte[] text = path.text();
        if (kind != path.shape().kind()
                || Layout.u8(page, bucket + Layout.BUCKET_FIXED) != path.shape().fixed()
                || Layout.u16(page, bucket + Layout.BUCKET_LENGTH) != text.length) {
            return false;
        }
        int at = bucket + Layout.bucketText(page.getInt(bucket + Layout.BUCKET_RULES), kind);
        return (!Layout.isTemplate(kind)
                        || page.getLong(at - Long.BYTES) == path.shape().literals())
                && RouteHash.equal(page, at, new UnsafeBuffer(text), 0, text.length);
    }

    private int withRule(int bucket, long hash, Rule rule) {
        if (bucket == 0) {
            int ref = newBucket(hash, 1, rule.path());
            blocks.putInt(ref, Layout.BUCKET_REFS, rules.write(rule));
            return ref;
        }
        int count = blocks.getInt(bucket, Layout.BUCKET_RULES);
        int index = position(bucket, count, rule);
        int ref = newBucket(hash, count + 1, rule.path());
        blocks.copy(bucket, Layout.BUCKET_REFS, ref, Layout.BUCKET_REFS, index << 2);
        blocks.putInt(ref, Layout.BUCKET_REFS + (index << 2), rules.write(rule));
        blocks.copy(
                bucket,
                Layout.BUCKET_REFS + (index << 2),
                ref,
                Layout.BUCKET_REFS + ((index + 1) << 2),
                (count - index) << 2);
        return ref;
    }

    private int withoutRule(int bucket, Rule rule) {
        int count = blocks.getInt(bucket, Layout.BUCKET_RULES);
        int index = position(bucket, count, rule);
        int dropped = blocks.getInt(bucket, Layout.BUCKET_REFS + (index << 2));
        int ref = newBucket(blocks.getLong(bucket, 0), count - 1, rule.path());
        blocks.copy(bucket, Layout.BUCKET_REFS, ref, Layout.BUCKET_REFS, index << 2);
        blocks.copy(
                bucket,
                Layout.BUCKET_REFS + ((index + 1) << 2),
                ref,
                Layout.BUCKET_REFS + (index << 2),
                (count - index - 1) << 2);
        rules.drop(dropped);
        return ref;
    }

    // Where the rule stands or belongs.
    private int position(int bucket, int count, Rule rule) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int ref = blocks.getInt(bucket, Layout.BUCKET_REFS + (middle << 2));
            if (rules.compareWritten(ref, rule) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int newBucket(long hash, int count, PathPattern path) {
        PathShape shape = path.shape();
        int ref = blocks.allocate(Layout.bucketBytes(count, shape.kind(), path.text().length));
        blocks.putLong(ref, 0, hash);
        blocks.putInt(ref, HashTrie.LEAF_EPOCH, blocks.epoch());
        blocks.putInt(ref, Layout.BUCKET_RULES, count);
        blocks.putShort(ref, Layout.BUCKET_LENGTH, path.text().length);
        blocks.putByte(ref, Layout.BUCKET_KIND, shape.kind());
        blocks.putByte(ref, Layout.BUCKET_FIXED, shape.fixed());
        int text = Layout.bucketText(count, shape.kind());
        if (Layout.isTemplate(shape.kind())) {
            blocks.putLong(ref, text - Long.BYTES, shape.literals());
        }
        blocks.putBytes(ref, text, path.text());
        return ref;
    }

    private void dropBucket(int bucket) {
        int bytes = Layout.bucketBytes(
                blocks.getInt(bucket, Layout.BUCKET_RULES),
                blocks.getByte(bucket, Layout.BUCKET_KIND),
                blocks.getShort(bucket, Layout.BUCKET_LENGTH) & 0xffff);
        blocks.drop(bucket, bytes, blocks.getInt(bucket, HashTrie.LEAF_EPOCH));
    }
}
