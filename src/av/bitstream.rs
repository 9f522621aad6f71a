//! Packets changed without being decoded. In: packets of one stream. Out: packets again, and headers that fit them.

use std::ffi::CString;
use std::ptr;
use std::slice;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;

use super::{AvError, EncodedPacket, Input, check};

/// What is written into the sequence parameter set of a picture that is packaged as it is (ITU-T H.264 annex E): what the
/// picture was judged to be, in words that every player reads. The last step turns lengths into start codes.
const TAGGED_AS_BT709: &str = "h264_metadata=aud=remove:sample_aspect_ratio=1/1:video_full_range_flag=0:\
     colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1:level=auto:delete_filler=1,h264_mp4toannexb";

/// Filters in a row.
pub struct BitstreamFilter {
    raw: *mut ffi::AVBSFContext,
    packet: ffmpeg::Packet,
}

// SAFETY: a filter may be used from any one thread at a time; `BitstreamFilter` is its only owner.
unsafe impl Send for BitstreamFilter {}

impl std::fmt::Debug for BitstreamFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BitstreamFilter")
    }
}

impl BitstreamFilter {
    /// H.264 of a stream as an Annex B byte stream, tagged bt709, limited range, square pixels.
    pub fn h264_as_bt709(input: &Input, index: usize) -> Result<Self, AvError> {
        let what = || "cannot set up copying the picture".to_owned();
        let chain = CString::new(TAGGED_AS_BT709)
            .map_err(|_| AvError::own(what(), "its options contain a NUL"))?;
        let Some(parameters) = input.parameters(index) else {
            return Err(AvError::own(what(), "there is no such stream"));
        };
        let mut filter = BitstreamFilter {
            raw: ptr::null_mut(),
            packet: ffmpeg::Packet::empty(),
        };
        // SAFETY: libav allocates the chain into our null pointer, and `filter` frees it on every way out. The parameters
        // live as long as the input and are copied.
        unsafe {
            check(
                ffi::av_bsf_list_parse_str(chain.as_ptr(), &raw mut filter.raw),
                what,
            )?;
            check(
                ffi::avcodec_parameters_copy((*filter.raw).par_in, parameters.as_ptr()),
                what,
            )?;
            (*filter.raw).time_base_in = input.time_base(index).to_raw();
            check(ffi::av_bsf_init(filter.raw), what)?;
        }
        Ok(filter)
    }

    /// Codec headers that fit the packets: SPS and PPS as Annex B.
    pub fn headers(&self) -> Vec<u8> {
        // SAFETY: an initialised filter has output parameters, whose extradata holds `extradata_size` bytes.
        unsafe {
            let parameters = &*(*self.raw).par_out;
            if parameters.extradata.is_null() {
                return Vec::new();
            }
            let size = usize::try_from(parameters.extradata_size).unwrap_or(0);
            slice::from_raw_parts(parameters.extradata, size).to_vec()
        }
    }

    /// Hands in the next packet of the stream, which stays as it is.
    pub fn send(&mut self, packet: &ffmpeg::Packet) -> Result<(), AvError> {
        use ffmpeg::packet::Mut;
        let mut own = packet.clone();
        // SAFETY: both are valid; the filter takes the reference out of our copy.
        let code = unsafe { ffi::av_bsf_send_packet(self.raw, own.as_mut_ptr()) };
        check(code, || "cannot copy the picture".into())?;
        Ok(())
    }

    /// Takes the next packet out, with its times in the stream's ticks; none where more are wanted.
    pub fn receive(&mut self) -> Result<Option<EncodedPacket>, AvError> {
        use ffmpeg::packet::Mut;
        // SAFETY: filter and packet are valid; libav fills an empty packet only.
        let code = unsafe {
            ffi::av_packet_unref(self.packet.as_mut_ptr());
            ffi::av_bsf_receive_packet(self.raw, self.packet.as_mut_ptr())
        };
        if code == ffi::AVERROR_EOF || code == ffi::AVERROR(ffmpeg::util::error::EAGAIN) {
            return Ok(None);
        }
        check(code, || "cannot copy the picture".into())?;
        Ok(Some(EncodedPacket {
            data: self.packet.data().unwrap_or_default().to_vec(),
            pts: self.packet.pts().unwrap_or(0),
            dts: self.packet.dts().unwrap_or(0),
            key: self.packet.is_key(),
        }))
    }
}

impl Drop for BitstreamFilter {
    fn drop(&mut self) {
        // SAFETY: frees our own chain, if there is one, and sets the pointer to null.
        unsafe { ffi::av_bsf_free(&raw mut self.raw) }
    }
}
