package io.penstock.route;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The table's own memory: pages of direct memory, cut into blocks that a 31-bit reference names.
 *
 * <p>A reference is {@code page << 15 | unit}, where a unit is 8 bytes; 0 names nothing. Freed blocks go to a list for
 * their size and are taken from there again; there is no header and no merging, since the sizes in use are few and recur.
 * A block over {@link #SMALL_BYTES_MAX} has a page of its own, which goes back whole.
 *
 * <p>Only the control thread allocates and frees. Readers see pages through the array that their {@link RouteTable} holds:
 * a longer array replaces it when pages are added, and a slot changes only while no live table refers to that page.
 * Pages are never unmapped by hand: the collector does it when no table refers to them, so that a stale reader reads stale
 * bytes and never crashes.
 */
final class Pages {
    static final int UNIT_BITS = 3;
    static final int PAGE_UNIT_BITS = 15;
    static final int UNIT_MASK = (1 << PAGE_UNIT_BITS) - 1;
    static final int PAGE_BYTES = 1 << (PAGE_UNIT_BITS + UNIT_BITS);
    static final int SMALL_BYTES_MAX = 16 * 1024;

    /** Pages at most: 31 bits of reference, so 16 GiB of small blocks. */
    static final int PAGES_MAX = 1 << (31 - PAGE_UNIT_BITS);

    // Sizes up to FINE_BYTES_MAX are kept to the unit, larger ones to COARSE_BYTES.
    private static final int FINE_BYTES_MAX = 512;
    private static final int COARSE_BYTES = 64;
    private static final int FINE_CLASSES = (FINE_BYTES_MAX >> UNIT_BITS) + 1;

    private final int[] freeHeads = new int[FINE_CLASSES + SMALL_BYTES_MAX / COARSE_BYTES + 1];
    private UnsafeBuffer[] buffers = new UnsafeBuffer[0];
    private int[] freePageIndexes = new int[0];
    private int pageCount;
    private int openPage = -1;
    private int openOffset;
    private long reservedBytes;
    private long usedBytes;

    /** The pages as they are now; readers take this array at publication. */
    UnsafeBuffer[] buffers() {
        return buffers;
    }

    /** Direct memory held, in bytes. */
    long reservedBytes() {
        return reservedBytes;
    }

    /** Memory in blocks that are neither free nor waiting to be cut, in bytes. */
    long usedBytes() {
        return usedBytes;
    }

    static UnsafeBuffer page(UnsafeBuffer[] buffers, int ref) {
        return buffers[ref >>> PAGE_UNIT_BITS];
    }

    static int offset(int ref) {
        return (ref & UNIT_MASK) << UNIT_BITS;
    }

    /**
     * Takes a block; its bytes are not cleared.
     *
     * @throws IllegalStateException if the address space of references is used up
     */
    int allocate(int bytes) {
        if (bytes > SMALL_BYTES_MAX) {
            return allocateLarge(bytes);
        }
        int size = rounded(bytes);
        usedBytes += size;
        int sizeClass = sizeClass(size);
        int head = freeHeads[sizeClass];
        if (head != 0) {
            freeHeads[sizeClass] = page(buffers, head).getInt(offset(head));
            return head;
        }
        if (openPage < 0 || openOffset + size > PAGE_BYTES) {
            openNextPage();
        }
        int ref = openPage << PAGE_UNIT_BITS | openOffset >>> UNIT_BITS;
        openOffset += size;
        return ref;
    }

    /** Gives a block back that no live table refers to; {@code bytes} as it was asked for. */
    void free(int ref, int bytes) {
        if (bytes > SMALL_BYTES_MAX) {
            freeLarge(ref >>> PAGE_UNIT_BITS);
            return;
        }
        int size = rounded(bytes);
        usedBytes -= size;
        int sizeClass = sizeClass(size);
        page(buffers, ref).putInt(offset(ref), freeHeads[sizeClass]);
        freeHeads[sizeClass] = ref;
    }

    /** The bytes a block of this size really takes. */
    static int rounded(int bytes) {
        int grain = bytes <= FINE_BYTES_MAX ? 1 << UNIT_BITS : COARSE_BYTES;
        return (bytes + grain - 1) & -grain;
    }

    private static int sizeClass(int size) {
        return size <= FINE_BYTES_MAX ? size >>> UNIT_BITS : FINE_CLASSES + size / COARSE_BYTES;
    }

    private void openNextPage() {
        if (openPage >= 0) {
            keepRest();
        }
        openPage = addPage(PAGE_BYTES);
        // Reference 0 means nothing, so the first unit of the first page stays unused.
        openOffset = openPage == 0 ? 1 << UNIT_BITS : 0;
    }

    private void keepRest() {
        while (openOffset < PAGE_BYTES) {
            int size = Math.min(PAGE_BYTES - openOffset, FINE_BYTES_MAX);
            int ref = openPage << PAGE_UNIT_BITS | openOffset >>> UNIT_BITS;
            usedBytes += size;
            free(ref, size);
            openOffset += size;
        }
    }

    private int allocateLarge(int bytes) {
        if (pageCount == 0) {
            openNextPage();
        }
        int page = addPage(bytes);
        usedBytes += bytes;
        return page << PAGE_UNIT_BITS;
    }

    private void freeLarge(int page) {
        int bytes = buffers[page].capacity();
        usedBytes -= bytes;
        reservedBytes -= bytes;
        buffers[page] = new UnsafeBuffer(BufferUtil.NULL_BYTES);
        freePageIndexes = Arrays.copyOf(freePageIndexes, freePageIndexes.length + 1);
        freePageIndexes[freePageIndexes.length - 1] = page;
    }

    private int addPage(int bytes) {
        int page;
        if (freePageIndexes.length > 0) {
            page = freePageIndexes[freePageIndexes.length - 1];
            freePageIndexes = Arrays.copyOf(freePageIndexes, freePageIndexes.length - 1);
        } else {
            page = pageCount;
            if (page == PAGES_MAX) {
                throw new IllegalStateException(
                        "the route table is full: " + PAGES_MAX + " pages of " + PAGE_BYTES + " bytes are in use");
            }
            pageCount++;
        }
        if (page >= buffers.length) {
            buffers = Arrays.copyOf(buffers, Math.max(4, buffers.length * 2));
        }
        buffers[page] = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
        reservedBytes += bytes;
        return page;
    }
}
