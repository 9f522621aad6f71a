//! Filter graphs. In: frames. Out: frames, for one or more sinks. Built from filters and options one by one, never from
//! a text that holds a name or metadata, so that no upload can put a filter of its own into the graph.

use std::ffi::CString;
use std::ptr;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;

use super::input::Timestamps;
use super::{AvError, Decoded, Frame, Options, check};
use crate::probe::Orientation;

/// An output pad of a filter that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId {
    filter: usize,
    pad: u32,
}

/// What is fed into a graph: the shape of its first frame.
#[derive(Debug)]
pub struct Source<'a> {
    /// A frame as the decoder gives them.
    pub frame: &'a Frame,
    /// Time base of its time stamps.
    pub time_base: Timestamps,
    /// Sample aspect ratio to be believed; 1:1 for sound.
    pub sar: (u32, u32),
}

/// One filter after the other, as data: name and options.
pub type Chain = Vec<(&'static str, Vec<(&'static str, String)>)>;

/// The filters that undo a turn and a mirror image.
pub fn upright(turn: Orientation) -> Chain {
    let mut chain = Chain::new();
    if turn.mirrored {
        chain.push(("hflip", vec![]));
    }
    match turn.rotation {
        90 => chain.push(("transpose", vec![("dir", "clock".into())])),
        180 => chain.extend([("hflip", vec![]), ("vflip", vec![])]),
        270 => chain.push(("transpose", vec![("dir", "cclock".into())])),
        _ => {}
    }
    chain
}

/// A graph being built.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: RawGraph,
    filters: Vec<*mut ffi::AVFilterContext>,
    sources: Vec<*mut ffi::AVFilterContext>,
    sinks: Vec<*mut ffi::AVFilterContext>,
}

/// A graph ready to run.
#[derive(Debug)]
pub struct Graph {
    // Owns the filters that the pointers below belong to.
    _owner: RawGraph,
    sources: Vec<*mut ffi::AVFilterContext>,
    sinks: Vec<*mut ffi::AVFilterContext>,
}

// SAFETY: a graph may be used from any one thread at a time; `Graph` is its only owner.
unsafe impl Send for Graph {}

#[derive(Debug)]
struct RawGraph(*mut ffi::AVFilterGraph);

impl Drop for RawGraph {
    fn drop(&mut self) {
        // SAFETY: frees our own graph with all its filters.
        unsafe { ffi::avfilter_graph_free(&raw mut self.0) }
    }
}

impl GraphBuilder {
    /// An empty graph that uses this many threads.
    pub fn new(threads: usize) -> Result<Self, AvError> {
        // SAFETY: allocation, checked.
        let graph = unsafe { ffi::avfilter_graph_alloc() };
        if graph.is_null() {
            return Err(AvError::own("cannot build a filter graph", "out of memory"));
        }
        // SAFETY: the graph is valid and has no filters yet.
        unsafe { (*graph).nb_threads = i32::try_from(threads.max(1)).unwrap_or(1) };
        Ok(GraphBuilder {
            graph: RawGraph(graph),
            filters: Vec::new(),
            sources: Vec::new(),
            sinks: Vec::new(),
        })
    }

    /// A place where frames go in. Video or sound, as the frame is.
    pub fn source(&mut self, source: &Source<'_>) -> Result<NodeId, AvError> {
        let is_sound = source.frame.samples() > 0;
        let context = self.alloc(if is_sound { "abuffer" } else { "buffer" })?;
        let what = || "cannot set up the graph's source".to_owned();
        // SAFETY: `context` is a fresh buffer source; the parameters are freed after they were copied.
        unsafe {
            let parameters = ffi::av_buffersrc_parameters_alloc();
            if parameters.is_null() {
                return Err(AvError::own(what(), "out of memory"));
            }
            let (raw, p) = (&*source.frame.as_ptr(), &mut *parameters);
            p.format = raw.format;
            p.time_base = source.time_base.to_raw();
            if is_sound {
                p.sample_rate = raw.sample_rate;
                ffi::av_channel_layout_copy(&raw mut p.ch_layout, &raw const raw.ch_layout);
            } else {
                p.width = raw.width;
                p.height = raw.height;
                p.sample_aspect_ratio = rational(source.sar);
            }
            let set = ffi::av_buffersrc_parameters_set(context, parameters);
            ffi::av_channel_layout_uninit(&raw mut p.ch_layout);
            ffi::av_free(parameters.cast());
            check(set, what)?;
            if !is_sound {
                // FFmpeg 7 wants to know the colours before the first frame; FFmpeg 5 and 6 have no such options.
                set_if_known(context, "colorspace", raw.colorspace as i64)?;
                set_if_known(context, "range", raw.color_range as i64)?;
            }
            check(
                ffi::avfilter_init_dict(context, Options::new().as_mut_ptr()),
                what,
            )?;
        }
        self.sources.push(context);
        Ok(NodeId {
            filter: self.filters.len() - 1,
            pad: 0,
        })
    }

    /// Adds a filter behind a pad and returns its first output.
    pub fn then(
        &mut self,
        from: NodeId,
        filter: &str,
        options: &[(&str, String)],
    ) -> Result<NodeId, AvError> {
        self.behind(&[from], filter, options)
    }

    /// Adds a filter behind as many pads as it has inputs.
    pub fn behind(
        &mut self,
        from: &[NodeId],
        filter: &str,
        options: &[(&str, String)],
    ) -> Result<NodeId, AvError> {
        let context = self.alloc(filter)?;
        for (key, value) in options {
            let what = || format!("filter {filter} does not take {key}={value}");
            let (Ok(k), Ok(v)) = (CString::new(*key), CString::new(value.as_str())) else {
                return Err(AvError::own(what(), "it contains a NUL"));
            };
            // SAFETY: `context` is valid; libav copies the texts.
            let code = unsafe {
                ffi::av_opt_set(
                    context.cast(),
                    k.as_ptr(),
                    v.as_ptr(),
                    ffi::AV_OPT_SEARCH_CHILDREN,
                )
            };
            check(code, what)?;
        }
        // SAFETY: `context` is fresh; both ends of the link belong to this graph. `scale` reads through the pointer to
        // the options without asking whether there is one: an empty dictionary, never null.
        unsafe {
            let what = || format!("cannot set up filter {filter}");
            check(
                ffi::avfilter_init_dict(context, Options::new().as_mut_ptr()),
                what,
            )?;
            for (pad, from) in (0..).zip(from) {
                check(
                    ffi::avfilter_link(self.filters[from.filter], from.pad, context, pad),
                    what,
                )?;
            }
        }
        Ok(NodeId {
            filter: self.filters.len() - 1,
            pad: 0,
        })
    }

    /// Adds a whole chain behind a pad.
    pub fn chain(&mut self, from: NodeId, chain: &Chain) -> Result<NodeId, AvError> {
        chain.iter().try_fold(from, |node, (filter, options)| {
            self.then(node, filter, options)
        })
    }

    /// Splits the pictures of a pad in `count` equal streams that share their pixels.
    pub fn split(&mut self, from: NodeId, count: u32) -> Result<Vec<NodeId>, AvError> {
        if count < 2 {
            return Ok(vec![from]);
        }
        let node = self.then(from, "split", &[("outputs", count.to_string())])?;
        Ok((0..count)
            .map(|pad| NodeId {
                filter: node.filter,
                pad,
            })
            .collect())
    }

    /// A place where frames come out; returns its number for [`Graph::pull`].
    pub fn sink(&mut self, from: NodeId, is_sound: bool) -> Result<usize, AvError> {
        let node = self.then(
            from,
            if is_sound {
                "abuffersink"
            } else {
                "buffersink"
            },
            &[],
        )?;
        self.sinks.push(self.filters[node.filter]);
        Ok(self.sinks.len() - 1)
    }

    /// Checks all links and makes the graph ready.
    pub fn build(self) -> Result<Graph, AvError> {
        check(
            // SAFETY: the graph is complete and ours.
            unsafe { ffi::avfilter_graph_config(self.graph.0, ptr::null_mut()) },
            || "cannot connect the filter graph".into(),
        )?;
        Ok(Graph {
            _owner: self.graph,
            sources: self.sources,
            sinks: self.sinks,
        })
    }

    fn alloc(&mut self, filter: &str) -> Result<*mut ffi::AVFilterContext, AvError> {
        let what = || format!("cannot add filter {filter}");
        let name =
            CString::new(filter).map_err(|_| AvError::own(what(), "its name contains a NUL"))?;
        // SAFETY: the graph is valid, and the new filter is freed with it.
        let context = unsafe {
            let found = ffi::avfilter_get_by_name(name.as_ptr());
            if found.is_null() {
                return Err(AvError::own(
                    what(),
                    "this build of FFmpeg does not have it",
                ));
            }
            ffi::avfilter_graph_alloc_filter(self.graph.0, found, ptr::null())
        };
        if context.is_null() {
            return Err(AvError::own(what(), "out of memory"));
        }
        self.filters.push(context);
        Ok(context)
    }
}

impl Graph {
    /// Puts a frame into the first source; the graph takes its own reference.
    pub fn push(&mut self, frame: &Frame) -> Result<(), AvError> {
        self.push_into(0, frame)
    }

    /// Puts a frame into a source, counted in the order in which they were added.
    pub fn push_into(&mut self, source: usize, frame: &Frame) -> Result<(), AvError> {
        let flags = ffi::AV_BUFFERSRC_FLAG_KEEP_REF as i32;
        // SAFETY: source and frame are valid; KEEP_REF leaves the frame to us.
        let code = unsafe {
            ffi::av_buffersrc_add_frame_flags(
                self.sources[source],
                frame.as_ptr().cast_mut(),
                flags,
            )
        };
        check(code, || "cannot filter a frame".into())?;
        Ok(())
    }

    /// No more frames: let the last ones out.
    pub fn finish(&mut self) -> Result<(), AvError> {
        for source in &self.sources {
            // SAFETY: a null frame marks the end.
            let code = unsafe { ffi::av_buffersrc_add_frame_flags(*source, ptr::null_mut(), 0) };
            check(code, || "cannot finish filtering".into())?;
        }
        Ok(())
    }

    /// Takes a frame out of a sink.
    pub fn pull(&mut self, sink: usize, frame: &mut Frame) -> Result<Decoded, AvError> {
        frame.clear();
        // SAFETY: sink and frame are valid.
        match unsafe { ffi::av_buffersink_get_frame(self.sinks[sink], frame.as_mut_ptr()) } {
            code if code == ffi::AVERROR(ffmpeg::util::error::EAGAIN) => Ok(Decoded::NeedsInput),
            ffi::AVERROR_EOF => Ok(Decoded::End),
            code => check(code, || "cannot filter a frame".into()).map(|_| Decoded::Frame),
        }
    }

    /// Number of sinks.
    pub fn sinks(&self) -> usize {
        self.sinks.len()
    }

    /// Time base of the frames that come out of a sink.
    pub fn time_base(&self, sink: usize) -> Timestamps {
        // SAFETY: the sink belongs to a configured graph.
        unsafe { ffi::av_buffersink_get_time_base(self.sinks[sink]) }.into()
    }
}

fn rational((num, den): (u32, u32)) -> ffi::AVRational {
    match (i32::try_from(num), i32::try_from(den)) {
        (Ok(num), Ok(den)) => ffi::AVRational { num, den },
        _ => ffi::AVRational { num: 1, den: 1 },
    }
}

/// Sets an integer option that not every version of FFmpeg has.
///
/// # Safety
/// `context` is a valid filter.
unsafe fn set_if_known(
    context: *mut ffi::AVFilterContext,
    key: &str,
    value: i64,
) -> Result<(), AvError> {
    let key =
        CString::new(key).map_err(|_| AvError::own("cannot set an option", "it contains a NUL"))?;
    // SAFETY: the caller vouches for the context.
    let code = unsafe {
        ffi::av_opt_set_int(
            context.cast(),
            key.as_ptr(),
            value,
            ffi::AV_OPT_SEARCH_CHILDREN,
        )
    };
    if code == ffi::AVERROR_OPTION_NOT_FOUND {
        return Ok(());
    }
    check(code, || "cannot set up the graph's source".into()).map(drop)
}
